using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0012: alignment leaves bytes of the struct unused.</summary>
internal static class PaddingRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0012",
        title: "A shared struct has padding",
        messageFormat: "{0} of the {1} bytes of '{2}' are padding ({3}): order the fields from the largest alignment to the smallest, "
            + "or make the padding explicit with private fields",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Info,
        isEnabledByDefault: true,
        description: "Padding takes memory and cache, and a field that is added later may move into it without a change of size.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0012.md");

    public static void Check(INamedTypeSymbol type, LayoutSpec layout, ParseReport report)
    {
        List<Gap> gaps = Find(type, layout);
        if (gaps.Count > 0)
            report.Add(Descriptor, type, gaps.Sum(static gap => gap.Length), layout.Size, type.Name,
                string.Join(", ", gaps.Select(gap => Describe(gap, layout))));
    }

    /// <summary>The padding that nobody asked for: none, where the source gives the offsets or the size.</summary>
    public static List<Gap> Find(INamedTypeSymbol type, LayoutSpec layout)
    {
        DeclaredLayout declared = DeclaredLayout.Of(type);
        return declared.IsExplicit || declared.Size > 0 ? [] : Padding.GapsIn(layout.Fields, layout.Size);
    }

    private static string Describe(Gap gap, LayoutSpec layout) =>
        gap.Before is int field ? $"{gap.Length} before '{layout.Fields[field].Name}'" : $"{gap.Length} at the end";
}
