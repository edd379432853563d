using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>Gives parsed fields their places.</summary>
internal static class FieldPlacement
{
    public static ParsedStruct? FromSource(INamedTypeSymbol type, List<IFieldSymbol> symbols, List<ParsedField> fields, ParseReport report)
    {
        DeclaredLayout declared = DeclaredLayout.Of(type);
        FieldExtent[] extents = new FieldExtent[fields.Count];
        bool hasVolatileFields = false;
        for (int i = 0; i < extents.Length; i++)
        {
            extents[i] = new FieldExtent(fields[i].StorageSize, fields[i].Element.Alignment, declared.IsExplicit
                ? DeclaredLayout.OffsetOf(symbols[i])
                : null);
            hasVolatileFields |= symbols[i].IsVolatile;
        }

        ComputedLayout layout = LayoutCalculator.Compute(extents, declared.Pack, declared.Size);
        if (!TooLargeRule.Check(
            type, symbols, extents, layout, [.. fields.Select(static field => field.Element.Shape == FieldShape.InlineArray)], report))
            return null;

        EquatableArray<FieldSpec> placed = Place(fields, layout.Offsets);
        if (declared.IsExplicit)
            OverlapRule.Check(type, symbols, placed, report);
        return new ParsedStruct(placed, (int)layout.Size, layout.Alignment, hasVolatileFields);
    }

    // The compiler keeps no layout of a struct in another assembly, so the generator left it there in an attribute.
    public static ParsedStruct? FromMetadata(INamedTypeSymbol type, List<ParsedField> fields, ParseReport report)
    {
        if (StoredLayout.Of(type) is { } stored && stored.Offsets.Length == fields.Count)
        {
            EquatableArray<FieldSpec> placed = Place(fields, stored.Offsets);
            ParsedStruct parsed = new(placed, stored.Size, stored.Alignment, HasVolatileFields: false);
            if (parsed.FieldCount <= LayoutText.MaxFields
                && LayoutText.Fingerprint(stored.Size, stored.Alignment, placed) == stored.Fingerprint)
                return parsed;
        }

        report.Fail();
        return null;
    }

    private static EquatableArray<FieldSpec> Place(List<ParsedField> fields, long[] offsets)
    {
        ImmutableArray<FieldSpec>.Builder placed = ImmutableArray.CreateBuilder<FieldSpec>(fields.Count);
        for (int i = 0; i < offsets.Length; i++)
            placed.Add(fields[i].At((int)offsets[i]));
        return new EquatableArray<FieldSpec>(placed.MoveToImmutable());
    }
}
