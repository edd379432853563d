using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>Reads the fields of a struct and lays them out.</summary>
/// <param name="outermost">
/// Takes what is wrong with the struct that is parsed; what is wrong with the structs in it is reported where they stand.
/// </param>
/// <param name="cancellationToken">The editor has moved on.</param>
internal sealed class FieldParser(ParseReport outermost, CancellationToken cancellationToken)
{
    /// <summary>
    /// The structs being parsed, outermost first: a struct that contains itself is an error of the compiler's, but no reason to hang.
    /// </summary>
    private readonly List<INamedTypeSymbol> _path = [];

    /// <summary>
    /// What has been parsed already, or null if it is invalid: a struct may be nested in many places, and in each of those again.
    /// </summary>
    private readonly Dictionary<INamedTypeSymbol, ParsedStruct?> _parsed = new(SymbolEqualityComparer.Default);

    private readonly HashSet<string> _disabledIds = [];
    private readonly SortedSet<string> _externAliases = new(StringComparer.Ordinal);
    private bool? _mayUseAliases;
    private FieldTypes? _types;

    /// <summary>Whether an attribute of a field of the struct itself is for System.Text.Json.</summary>
    public bool HasJsonAttributes { get; private set; }

    /// <summary>Ids of diagnostics that the use of its fields and their types causes.</summary>
    public IEnumerable<string> DisabledIds => _disabledIds;

    /// <summary>Aliases of referenced assemblies that names of types begin with.</summary>
    public EquatableArray<string> ExternAliases => new([.. _externAliases]);

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
        if (Members.InstanceFieldsOf(type) is not { } symbols)
        {
            report.Fail();
            return null;
        }

        List<ParsedField> fields = new(symbols.Count);
        MarkedFields marked = new(type, cancellationToken);
        foreach (IFieldSymbol symbol in symbols)
        {
            if (ParseField(symbol, marked, report) is { } field)
                fields.Add(field);
            else if (!report.CollectsDiagnostics)
                return null;
        }

        // Offsets mean nothing if a size is unknown.
        if (fields.Count != symbols.Count)
            return null;

        ParsedStruct? parsed = type.Locations.Any(static location => location.IsInSource)
            ? FieldPlacement.FromSource(type, symbols, fields, report)
            : FieldPlacement.FromMetadata(type, fields, report);
        if (parsed is null)
            return null;
        if (parsed.FieldCount > LayoutText.MaxFields)
        {
            report.Add(LayoutTooLongRule.Descriptor, type, type.Name, $"{parsed.FieldCount} fields", $"{LayoutText.MaxFields} fields");
            return null;
        }

        MisalignedAtomicRule.Check(type, symbols, parsed.Fields, report);
        return parsed;
    }

    private ParsedField? ParseField(IFieldSymbol field, MarkedFields marked, ParseReport report)
    {
        if (HiddenStorageRule.Applies(field, report))
            return null;

        FieldMarks marks = marked.Of(field);
        if (_path.Count == 1)
        {
            HasJsonAttributes |= marks.IsForJson;
            _disabledIds.UnionWith(marks.Carried.Ids);
            if (!NoteType(field, marks, report))
                return null;
        }

        if (ParseStorage(field, report) is not var (element, length, isAtomic))
            return null;

        string storageTypeName = element.Shape == FieldShape.InlineArray ? NameOf(field.Type) : element.TypeName;
        marks = marks with { IsAtomic = marks.IsAtomic || isAtomic };
        if (marks.IsText)
        {
            TextMarkRule.Check(field, element.Kind, length, report);
            if (element.Kind == "uint8" && length is int bytes)
                (element, length) = (element with { Kind = "text", Shape = FieldShape.Text, Size = bytes }, null);
        }

        if (marks.IsAtomic)
            AtomicTypeRule.Check(field, element.Kind, report);
        return new ParsedField(field, element, storageTypeName, length, marks);
    }

    // Use of the type in generated code may be reported; that it is obsolete as an error is reported in the user's code already.
    private bool NoteType(IFieldSymbol field, FieldMarks marks, ParseReport report)
    {
        if (field.Type.SpecialType != SpecialType.None)
            return true;
        FieldType type = TypeOf(field.Type);
        if (type.IsError && marks.Carried.IsEmpty && !Members.IsObsolete(_path[0]))
        {
            report.Fail();
            return false;
        }

        _disabledIds.UnionWith(type.DisabledIds);
        return true;
    }

    // A field's element, how many there are, and whether each is marked [Atomic] in the inline array that repeats it.
    private (ParsedElement Element, int? Length, bool IsAtomic)? ParseStorage(IFieldSymbol field, ParseReport report)
    {
        if (KnownElement(field.Type) is { } known)
            return (known, null, false);
        if (field.IsFixedSizeBuffer)
        {
            return ParseElement(field, ((IPointerTypeSymbol)field.Type).PointedAtType, report) is { } buffer && field.FixedSize > 0
                ? (buffer with { Shape = FieldShape.FixedBuffer }, field.FixedSize, false)
                : null;
        }

        if (TypeOf(field.Type).Array is not { } array)
            return ParseElement(field, field.Type, report) is { } single ? (single, null, false) : null;
        InlineArraySizeRule.Check(field, array.Declared, report);
        if (ParseElement(field, array.Element, report) is not { } element)
            return null;
        int alignment = array.Declared.Pack > 0 ? Math.Min(array.Declared.Pack, element.Alignment) : element.Alignment;
        return (element with { Shape = FieldShape.InlineArray, Alignment = alignment }, array.Length, array.IsAtomic);
    }

    private ParsedElement? ParseElement(IFieldSymbol field, ITypeSymbol type, ParseReport report)
    {
        if (KnownElement(type) is { } known)
            return known;
        if (type is INamedTypeSymbol { TypeKind: TypeKind.Struct } named
            && MetadataNames.FindAttribute(named, MetadataNames.SharedLayout) is not null)
            return ParseNested(field, named, report);
        FieldTypeRules.Report(field, type, report);
        return null;
    }

    private ParsedElement? ParseNested(IFieldSymbol field, INamedTypeSymbol type, ParseReport report)
    {
        bool inSource = type.Locations.Any(static location => location.IsInSource);
        if (!_parsed.TryGetValue(type, out ParsedStruct? nested))
        {
            // What is wrong with the nested struct is reported where it is declared.
            ParseReport silent = new(problems: null);
            if (inSource)
                DeclarationRules.Check(type, silent, cancellationToken);
            nested = silent.HasFailed || _path.Count > LayoutText.MaxDepth ? null : Parse(type, silent);
            if (silent.HasFailed)
                nested = null;
            if (!_path.Contains(type, SymbolEqualityComparer.Default))
                _parsed[type] = nested;
        }

        if (_path.Count + (nested?.Depth ?? 0) > LayoutText.MaxDepth)
        {
            outermost.Add(TooDeepRule.Descriptor, _path[0], _path[0].Name, field.ToDisplayString(), LayoutText.MaxDepth);
            return null;
        }

        if (nested is not null)
            return new ParsedElement("struct", NameOf(type), FieldShape.Struct, nested.Size, nested.Alignment, nested.Fields);
        if (inSource)
            report.Fail();
        else
            report.Add(StaleLayoutRule.Descriptor, field, $"{field.ContainingType.Name}.{field.Name}", type.ToDisplayString(),
                type.ContainingAssembly?.Name ?? "?");
        return null;
    }

    // A type of an assembly that is referenced under an alias is not behind global::.
    private string NameOf(ITypeSymbol type)
    {
        string name = TypeNames.Of(type);
        if (type.SpecialType != SpecialType.None)
            return name;

        // To ask for the reference of an assembly is slow.
        if (!MayUseAliases || ExternAlias.Of(type, _path[0]) is not { } alias)
            return name;
        if (_path.Count == 1)
            _externAliases.Add(alias);
        return name.Replace("global::", $"{alias}::");
    }

    private bool MayUseAliases => _mayUseAliases ??= ExternAlias.MayBeUsedBy(_path[0]);

    private FieldType TypeOf(ITypeSymbol type) => (_types ??= FieldTypes.Of(_path[0])).Find(type, cancellationToken);

    private ParsedElement? KnownElement(ITypeSymbol type)
    {
        if (type.SpecialType != SpecialType.None)
            return FieldTypes.KnownElement(type);

        // Only enums can come from an assembly that is referenced under an alias.
        ParsedElement? found = TypeOf(type).Known;
        return found is { } known && type.TypeKind == TypeKind.Enum && MayUseAliases ? known with { TypeName = NameOf(type) } : found;
    }
}
