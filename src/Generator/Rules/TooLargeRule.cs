using System.Globalization;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>TSHM0015: the struct is larger than what the runtime loads.</summary>
internal static class TooLargeRule
{
    public static readonly DiagnosticDescriptor Descriptor = new(
        id: "TSHM0015",
        title: "A shared struct must not be larger than what the runtime loads",
        messageFormat: "The runtime does not load '{0}': {1}; at most {2} are allowed: share several, or a table of smaller ones",
        category: RuleCategories.Layout,
        defaultSeverity: DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        description: "The runtime keeps the offset of a field in 27 bits, and the size of a struct in 31.",
        helpLinkUri: RuleCategories.HelpLink + "TSHM0015.md");

    /// <summary>
    /// The greatest offset of a field, and size of an inline array: FIELD_OFFSET_LAST_REAL_OFFSET in the runtime's source.
    /// </summary>
    private const int MaxOffset = (1 << 27) - 8;

    /// <returns>Whether the runtime loads the struct.</returns>
    public static bool Check(
        INamedTypeSymbol type, IReadOnlyList<IFieldSymbol> symbols, IReadOnlyList<FieldExtent> extents, ComputedLayout layout,
        IReadOnlyList<bool> areInlineArrays, ParseReport report)
    {
        for (int i = 0; i < symbols.Count; i++)
        {
            if (areInlineArrays[i] && extents[i].Size > MaxOffset)
                return Report($"the inline array '{symbols[i].Name}' has {Number(extents[i].Size)} bytes", MaxOffset);
            if (layout.Offsets[i] > MaxOffset)
                return Report($"the field '{symbols[i].Name}' begins at byte {Number(layout.Offsets[i])}", MaxOffset);
        }

        return layout.Size <= int.MaxValue || Report($"it has {Number(layout.Size)} bytes", int.MaxValue);

        bool Report(string found, int most)
        {
            report.Add(Descriptor, type, type.Name, found, Number(most));
            return false;
        }
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
