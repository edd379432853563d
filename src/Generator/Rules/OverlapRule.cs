using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0011: two fields of an explicit layout share bytes.</summary>
internal static class OverlapRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0011",
        title: "Fields of a shared struct must not overlap",
        messageFormat: "Fields '{0}' and '{1}' of '{2}' overlap at bytes {3} to {4}: give each field bytes of its own",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "What one process writes to one of the fields another would read as the other, and a layout could not say which is "
            + "meant.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0011.md");

    public static void Check(
        INamedTypeSymbol type, IReadOnlyList<IFieldSymbol> symbols, IReadOnlyList<FieldSpec> fields, ParseReport report)
    {
        // In order of offset, each field against the one of those before it that reaches furthest.
        int[] order = [.. Enumerable.Range(0, fields.Count).OrderBy(index => fields[index].Offset)];
        int furthest = -1;
        foreach (int index in order)
        {
            if (furthest >= 0 && fields[index].Offset < fields[furthest].End)
            {
                int last = Math.Min(fields[index].End, fields[furthest].End) - 1;
                report.Add(Descriptor, symbols[index], fields[furthest].Name, fields[index].Name, type.Name, fields[index].Offset, last);
            }

            if (furthest < 0 || fields[index].End > fields[furthest].End)
                furthest = index;
        }
    }
}
