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
        List<FieldSpec> fields = new(symbols.Count);
        foreach (IFieldSymbol symbol in symbols)
        {
            if (ParseField(symbol, report) is { } field)
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

    private static ParsedStruct? FromSource(INamedTypeSymbol type, List<IFieldSymbol> symbols, List<FieldSpec> fields, ParseReport report)
    {
        DeclaredLayout declared = DeclaredLayout.Of(type);
        FieldExtent[] extents = new FieldExtent[fields.Count];
        bool hasVolatileFields = false;
        for (int i = 0; i < extents.Length; i++)
        {
            extents[i] = new FieldExtent(fields[i].StorageSize, fields[i].Alignment, declared.IsExplicit ? DeclaredLayout.OffsetOf(symbols[i]) : null);
            hasVolatileFields |= symbols[i].IsVolatile;
        }

        ComputedLayout layout = LayoutCalculator.Compute(extents, declared.Pack, declared.Size);
        if (layout.Size > int.MaxValue)
        {
            report.Add(TooLargeRule.Descriptor, type, type.Name, layout.Size);
            return null;
        }

        FieldSpec[] placed = new FieldSpec[extents.Length];
        for (int i = 0; i < placed.Length; i++)
            placed[i] = fields[i] with { Offset = (int)layout.Offsets[i] };
        if (declared.IsExplicit)
            OverlapRule.Check(type, symbols, placed, report);
        return new ParsedStruct(new EquatableArray<FieldSpec>([.. placed]), (int)layout.Size, layout.Alignment, hasVolatileFields);
    }

    // The compiler keeps no layout of a struct in another assembly, so the generator left it there in an attribute.
    private static ParsedStruct? FromMetadata(INamedTypeSymbol type, List<FieldSpec> fields, ParseReport report)
    {
        if (StoredLayout.Of(type) is not { } stored || stored.Offsets.Length != fields.Count)
        {
            report.Fail();
            return null;
        }

        FieldSpec[] placed = new FieldSpec[fields.Count];
        for (int i = 0; i < placed.Length; i++)
            placed[i] = fields[i] with { Offset = stored.Offsets[i] };
        EquatableArray<FieldSpec> all = new([.. placed]);
        if (LayoutText.Fingerprint(stored.Size, stored.Alignment, all) == stored.Fingerprint)
            return new ParsedStruct(all, stored.Size, stored.Alignment, HasVolatileFields: false);
        report.Fail();
        return null;
    }

    private FieldSpec? ParseField(IFieldSymbol field, ParseReport report)
    {
        if (HiddenStorageRule.Applies(field, report))
            return null;

        bool isText = MetadataNames.FindAttribute(field, MetadataNames.Text) is not null;
        FieldSpec? parsed;
        if (field.IsFixedSizeBuffer)
        {
            parsed = ParseElement(field, ((IPointerTypeSymbol)field.Type).PointedAtType, report) is { } element
                ? element with { Shape = FieldShape.FixedBuffer, Length = field.FixedSize, IsFixedBuffer = true }
                : null;
        }
        else if (InlineArrays.Find(field.Type) is { } array && !TextTypes.IsText(field.Type))
        {
            parsed = ParseElement(field, array.Element, report) is { } element
                ? element with { Shape = FieldShape.InlineArray, Length = array.Length, Alignment = array.Pack > 0 ? Math.Min(array.Pack, element.Alignment) : element.Alignment }
                : null;
        }
        else
        {
            parsed = ParseElement(field, field.Type, report);
        }

        if (parsed is null)
            return null;

        parsed = parsed with
        {
            Name = field.Name,
            StorageTypeName = field.IsFixedSizeBuffer ? parsed.TypeName : TypeNames.Of(field.Type),
            Access = AccessOf(field),
            IsReadOnly = field.IsReadOnly,
            IsAtomic = MetadataNames.FindAttribute(field, MetadataNames.Atomic) is not null,
            Obsolete = ObsoleteMark.Of(field),
        };
        if (isText)
        {
            TextMarkRule.Check(field, parsed, report);
            if (parsed.Kind == "uint8" && parsed.Length is int length)
                parsed = parsed with { Kind = "text", Shape = FieldShape.Text, Size = length, Length = null };
        }

        if (parsed.IsAtomic)
            AtomicTypeRule.Check(field, parsed, report);
        return parsed;
    }

    /// <summary>What a field, or each element of an array, is; name, offset and marks are not known yet.</summary>
    private FieldSpec? ParseElement(IFieldSymbol field, ITypeSymbol type, ParseReport report)
    {
        if (KnownTypes.Find(type) is { } known)
            return Element(known.Kind, type, FieldShape.Value, known.Size, known.Alignment, default);
        if (TextTypes.SizeOf(type) is int size)
            return Element("text", type, FieldShape.Text, size, 1, default);
        if (type is INamedTypeSymbol { TypeKind: TypeKind.Struct } named && MetadataNames.FindAttribute(named, MetadataNames.SharedLayout) is not null)
            return ParseNested(field, named, report);
        FieldTypeRules.Report(field, type, report);
        return null;
    }

    private FieldSpec? ParseNested(IFieldSymbol field, INamedTypeSymbol type, ParseReport report)
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

        return Element("struct", type, FieldShape.Struct, nested.Size, nested.Alignment, nested.Fields);
    }

    private static FieldSpec Element(string kind, ITypeSymbol type, FieldShape shape, int size, int alignment, EquatableArray<FieldSpec> fields) =>
        new("", kind, TypeNames.Of(type), shape, FieldAccess.Public, IsReadOnly: false, IsAtomic: false, Offset: 0, size, alignment, Length: null, fields, "");

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

    private static FieldAccess AccessOf(IFieldSymbol field) => field.DeclaredAccessibility switch
    {
        Accessibility.Public => FieldAccess.Public,
        Accessibility.Internal or Accessibility.ProtectedOrInternal => FieldAccess.Internal,
        _ => FieldAccess.Private,
    };
}
