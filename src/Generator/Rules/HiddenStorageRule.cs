using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.Generator;

/// <summary>TSHM0014: the compiler adds a field that the source does not show.</summary>
internal static class HiddenStorageRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0014",
        title: "A shared struct must not have hidden storage",
        messageFormat: "'{0}' has hidden storage for '{1}' ({2}): declare a field instead",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The compiler stores it in a field of its own, at a place of its own choice.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0014.md");

    /// <summary>Whether the field is one that the compiler made for a property.</summary>
    public static bool Applies(IFieldSymbol field, ParseReport report)
    {
        if (!field.IsImplicitlyDeclared)
            return false;
        ISymbol shown = field.AssociatedSymbol ?? field;
        report.Add(Descriptor, shown, field.ContainingType.Name, shown.Name, "a property without a body");
        return true;
    }

    /// <summary>Parameters of a primary constructor become fields if a member uses them later.</summary>
    public static void CheckCaptures(INamedTypeSymbol type, ParseReport report, CancellationToken cancellationToken)
    {
        if (type.IsRecord)
            return;
        foreach (SyntaxReference reference in type.DeclaringSyntaxReferences)
        {
            if (reference.GetSyntax(cancellationToken) is not TypeDeclarationSyntax { ParameterList.Parameters: { Count: > 0 } parameters })
                continue;
            foreach (ParameterSyntax parameter in parameters)
            {
                if (IsCaptured(type, parameter.Identifier.ValueText, cancellationToken))
                    report.Add(Descriptor, parameter.Identifier.GetLocation(), type.Name, parameter.Identifier.ValueText, "a parameter of the primary constructor that a member uses");
            }
        }
    }

    private static bool IsCaptured(INamedTypeSymbol type, string name, CancellationToken cancellationToken) => type.DeclaringSyntaxReferences
        .Select(reference => reference.GetSyntax(cancellationToken))
        .OfType<TypeDeclarationSyntax>()
        .SelectMany(static declaration => declaration.Members)
        .Any(member => member is not (FieldDeclarationSyntax or TypeDeclarationSyntax) && Uses(member, name));

    // A parameter or local of the same name hides it.
    private static bool Uses(MemberDeclarationSyntax member, string name) =>
        member.DescendantNodes().OfType<IdentifierNameSyntax>().Any(use => use.Identifier.ValueText == name && !IsNameOfMember(use))
        && !member.DescendantNodes().Any(node => node is ParameterSyntax { Identifier: var parameter } && parameter.ValueText == name
            || node is VariableDeclaratorSyntax { Identifier: var local } && local.ValueText == name);

    private static bool IsNameOfMember(IdentifierNameSyntax use) => use.Parent is MemberAccessExpressionSyntax access && access.Name == use;
}
