using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>Reads the fields of a struct and lays them out.</summary>
/// <param name="outermost">Takes what is wrong with the struct that is parsed; what is wrong with the structs in it is reported where they stand.</param>
/// <param name="cancellationToken">The editor has moved on.</param>
internal sealed class FieldParser(ParseReport outermost, CancellationToken cancellationToken)
{
    /// <summary>The deepest nesting whose JSON the runtime still reads.</summary>
    private const int MaxDepth = 30;

    /// <summary>The structs being parsed, outermost first: a struct that contains itself is an error of the compiler's, but no reason to hang.</summary>
    private readonly List<INamedTypeSymbol> _path = [];

    /// <summary>Parses a struct that is declared in source.</summary>
    public ParsedStruct? Parse(INamedTypeSymbol type) => Parse(type, outermost);

    private ParsedStruct? Parse(INamedTypeSymbol type, ParseReport report)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_path.Contains(type, SymbolEqualityComparer.Default))
        {
            report.Fail();
            return null;
        }

        _path.Add(type);
        try
        {
            return LayOut(type, report);
        }
        finally
        {
            _path.RemoveAt(_path.Count - 1);
        }
    }

    private ParsedStruct? LayOut(INamedTypeSymbol type, ParseReport report)
    {
        List<IFieldSymbol> symbols = InstanceFields(type);
        List<ParsedField> fields = new(symbols.Count);
        HashSet<string>? marked = FieldMarks.MarkedFields(type, cancellationToken);
        foreach (IFieldSymbol symbol in symbols)
        {
            if (ParseField(symbol, marked?.Contains(symbol.Name) ?? true, report) is { } field)
                fields.Add(field);
            else if (!report.IsWanted)
                return null;
        }

        // Offsets mean nothing if a size is unknown.
        if (fields.Count != symbols.Count)
            return null;

        ParsedStruct? parsed = type.Locations.Any(static location => location.IsInSource)
            ? FromSource(type, symbols, fields, report)
            : FromMetadata(type, fields, report);
        if (parsed is not null)
            MisalignedAtomicRule.Check(type, symbols, parsed, report);
        return parsed;
    }

    private static ParsedStruct? FromSource(INamedTypeSymbol type, List<IFieldSymbol> symbols, List<ParsedField> fields, ParseReport report)
    {
        DeclaredLayout declared = DeclaredLayout.Of(type);
        FieldExtent[] extents = new FieldExtent[fields.Count];
        bool hasVolatileFields = false;
        for (int i = 0; i < extents.Length; i++)
        {
            extents[i] = new FieldExtent(fields[i].StorageSize, fields[i].Element.Alignment, declared.IsExplicit ? DeclaredLayout.OffsetOf(symbols[i]) : null);
            hasVolatileFields |= symbols[i].IsVolatile;
        }

        ComputedLayout layout = LayoutCalculator.Compute(extents, declared.Pack, declared.Size);
        if (layout.Size > int.MaxValue)
        {
            report.Add(TooLargeRule.Descriptor, type, type.Name, layout.Size);
            return null;
        }

        EquatableArray<FieldSpec> placed = Place(fields, layout.Offsets);
        if (declared.IsExplicit)
            OverlapRule.Check(type, symbols, placed, report);
        return new ParsedStruct(placed, (int)layout.Size, layout.Alignment, hasVolatileFields);
    }

    // The compiler keeps no layout of a struct in another assembly, so the generator left it there in an attribute.
    private static ParsedStruct? FromMetadata(INamedTypeSymbol type, List<ParsedField> fields, ParseReport report)
    {
        if (StoredLayout.Of(type) is { } stored && stored.Offsets.Length == fields.Count)
        {
            EquatableArray<FieldSpec> placed = Place(fields, stored.Offsets);
            if (LayoutText.Fingerprint(stored.Size, stored.Alignment, placed) == stored.Fingerprint)
                return new ParsedStruct(placed, stored.Size, stored.Alignment, HasVolatileFields: false);
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

    private ParsedField? ParseField(IFieldSymbol field, bool isMarked, ParseReport report)
    {
        if (HiddenStorageRule.Applies(field, report))
            return null;

        ParsedElement? found = KnownElement(field.Type);
        int? length = null;
        if (found is null && field.IsFixedSizeBuffer)
        {
            length = field.FixedSize;
            found = ParseElement(field, ((IPointerTypeSymbol)field.Type).PointedAtType, report) is { } element ? element with { Shape = FieldShape.FixedBuffer } : null;
        }
        else if (found is null && InlineArrays.Find(field.Type) is { } array)
        {
            length = array.Length;
            found = ParseElement(field, array.Element, report) is { } element
                ? element with { Shape = FieldShape.InlineArray, Alignment = array.Pack > 0 ? Math.Min(array.Pack, element.Alignment) : element.Alignment }
                : null;
        }
        else
        {
            found ??= ParseElement(field, field.Type, report);
        }

        if (found is not { } parsed)
            return null;

        string storageTypeName = parsed.Shape == FieldShape.InlineArray ? TypeNames.Of(field.Type) : parsed.TypeName;
        FieldMarks marks = isMarked ? FieldMarks.Of(field) : default;
        if (marks.IsText)
        {
            TextMarkRule.Check(field, parsed.Kind, length, report);
            if (parsed.Kind == "uint8" && length is int bytes)
                (parsed, length) = (parsed with { Kind = "text", Shape = FieldShape.Text, Size = bytes }, null);
        }

        if (marks.IsAtomic)
            AtomicTypeRule.Check(field, parsed.Kind, length, report);
        return new ParsedField(field, parsed, storageTypeName, length, marks);
    }

    private ParsedElement? ParseElement(IFieldSymbol field, ITypeSymbol type, ParseReport report)
    {
        if (KnownElement(type) is { } known)
            return known;
        if (type is INamedTypeSymbol { TypeKind: TypeKind.Struct } named && MetadataNames.FindAttribute(named, MetadataNames.SharedLayout) is not null)
            return ParseNested(field, named, report);
        FieldTypeRules.Report(field, type, report);
        return null;
    }

    private ParsedElement? ParseNested(IFieldSymbol field, INamedTypeSymbol type, ParseReport report)
    {
        if (_path.Count >= MaxDepth)
        {
            outermost.Add(TooDeepRule.Descriptor, _path[0], _path[0].Name, field.ToDisplayString(), MaxDepth);
            return null;
        }

        // What is wrong with the nested struct is reported where it is declared.
        ParseReport silent = new(problems: null);
        bool inSource = type.Locations.Any(static location => location.IsInSource);
        if (inSource)
            DeclarationRules.Check(type, silent, cancellationToken);
        ParsedStruct? nested = silent.HasFailed ? null : Parse(type, silent);
        if (nested is null || silent.HasFailed)
        {
            if (inSource)
                report.Fail();
            else
                report.Add(StaleLayoutRule.Descriptor, field, $"{field.ContainingType.Name}.{field.Name}", type.ToDisplayString(), type.ContainingAssembly?.Name ?? "?");
            return null;
        }

        return new ParsedElement("struct", TypeNames.Of(type), FieldShape.Struct, nested.Size, nested.Alignment, nested.Fields);
    }

    private static ParsedElement? KnownElement(ITypeSymbol type)
    {
        if (KnownTypes.Find(type) is { } known)
            return new ParsedElement(known.Kind, known.TypeName ?? TypeNames.Of(type), FieldShape.Value, known.Size, known.Alignment, default);
        if (TextTypes.SizeOf(type) is int size)
            return new ParsedElement("text", TypeNames.Of(type), FieldShape.Text, size, 1, default);
        return null;
    }

    private static List<IFieldSymbol> InstanceFields(INamedTypeSymbol type)
    {
        List<IFieldSymbol> fields = [];
        foreach (ISymbol member in type.GetMembers())
        {
            if (member is IFieldSymbol { IsStatic: false } field)
                fields.Add(field);
        }

        return fields;
    }
}
