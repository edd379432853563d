using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0003: the struct has type parameters.</summary>
internal static class GenericRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0003",
        title: "A shared struct must not be generic",
        messageFormat: "'{0}' is generic, or nested in a generic type; a shared layout has one fixed size: declare a struct for each "
            + "type that it is used with",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "Every type argument would give the struct another layout.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0003.md");

    public static void Check(INamedTypeSymbol type, ParseReport report)
    {
        for (INamedTypeSymbol? outer = type; outer is not null; outer = outer.ContainingType)
        {
            if (outer.TypeParameters.Length > 0)
            {
                report.Add(Descriptor, type, type.Name);
                return;
            }
        }
    }
}
