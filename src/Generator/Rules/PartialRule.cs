using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.Generator;

/// <summary>TSHM0001: the struct is not partial, so nothing can be added to it.</summary>
internal static class PartialRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0001",
        title: "A shared struct must be partial",
        messageFormat: "Struct '{0}' is marked [SharedLayout] and must be partial: write 'partial struct {0}'",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The generator adds the views to the struct itself, in another part of it.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0001.md");

    public static void Check(INamedTypeSymbol type, ParseReport report, CancellationToken cancellationToken)
    {
        if (!IsPartial(type, cancellationToken))
            report.Add(Descriptor, type, type.Name);
    }

    public static bool IsPartial(INamedTypeSymbol type, CancellationToken cancellationToken) => type.DeclaringSyntaxReferences.All(
        reference => reference.GetSyntax(cancellationToken) switch
        {
            TypeDeclarationSyntax declaration => declaration.Modifiers.Any(SyntaxKind.PartialKeyword),

            // Top-level statements are a part of the class Program, which need not say so.
            CompilationUnitSyntax => true,
            _ => false,
        });
}
