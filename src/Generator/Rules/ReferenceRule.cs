using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TypedShm.Generator;

/// <summary>TSHM0004: a field holds a reference.</summary>
internal static class ReferenceRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0004",
        title: "A shared struct must not contain references",
        messageFormat: "Field '{0}' of type '{1}' contains a managed reference and cannot live in shared memory: {2}",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "A reference is an address in one process's own heap; another process can do nothing with it.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0004.md");

    /// <summary>An event that the compiler stores in a field of its own.</summary>
    public static void CheckEvents(INamedTypeSymbol type, ParseReport report)
    {
        foreach (ISymbol member in type.GetMembers())
        {
            if (member is IEventSymbol { IsStatic: false, AddMethod.IsImplicitlyDeclared: true } stored && !IsPartial(stored))
                report.Add(Descriptor, stored, $"{type.Name}.{stored.Name}", stored.Type.ToDisplayString(),
                    "declare the event outside the struct");
        }
    }

    // The implementing part of a partial event, which is no part of the symbol that the compiler shows, has accessors, or else is an error.
    private static bool IsPartial(IEventSymbol stored) => stored.DeclaringSyntaxReferences
        .Any(static part => part.GetSyntax().FirstAncestorOrSelf<MemberDeclarationSyntax>()?.Modifiers.Any(SyntaxKind.PartialKeyword)
            ?? false);

    public static string Remedy(ITypeSymbol type) => type.SpecialType == SpecialType.System_String
        ? "use Text16 to Text256, or an [InlineArray] of byte marked [Text]"
        : type.TypeKind == TypeKind.Array
            ? "use an [InlineArray] struct, or a fixed buffer"
            : "share plain values, or an index into a table that both processes have";
}
