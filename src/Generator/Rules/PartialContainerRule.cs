using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0002: a type around the struct is not partial.</summary>
internal static class PartialContainerRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0002",
        title: "The types around a shared struct must be partial",
        messageFormat: "'{0}' is nested in '{1}', which must be partial: write 'partial {2} {1}'",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The generator repeats the types around the struct, so each of them must be partial.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0002.md");

    public static void Check(INamedTypeSymbol type, ParseReport report, CancellationToken cancellationToken)
    {
        for (INamedTypeSymbol? outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            if (!PartialRule.IsPartial(outer, cancellationToken))
                report.Add(Descriptor, type, type.Name, outer.Name, TypeNames.KeywordOf(outer));
        }
    }
}
