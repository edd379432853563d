using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>What the type of a field is, whatever field it is the type of.</summary>
/// <param name="Known">The element, if the type has a size of its own.</param>
/// <param name="Array">The inline array, if it is one.</param>
/// <param name="IsError">Whether use of it is an error that cannot be switched off.</param>
/// <param name="DisabledIds">The ids of diagnostics that its use causes.</param>
internal sealed record FieldType(ParsedElement? Known, InlineArray? Array, bool IsError, ImmutableArray<string> DisabledIds)
{
    /// <summary>All that a layout takes from the type; null if it takes more, as from another shared struct.</summary>
    public TypeMeaning? Meaning { get; init; }
}

/// <summary>All that a layout takes from a type that is not the language's own: of two compilations it can be compared.</summary>
/// <param name="Name">How generated code names it.</param>
/// <param name="Known">The element, if the type has a size of its own.</param>
/// <param name="Array">The inline array, if it is one, of a type of the language's own.</param>
/// <param name="DisabledIds">The ids of diagnostics that its use causes.</param>
internal sealed record TypeMeaning(
    string Name,
    ParsedElement? Known,
    (SpecialType Element, int Length, DeclaredLayout Declared, bool IsAtomic)? Array,
    EquatableArray<string> DisabledIds);

/// <summary>A struct that the runtime repeats its only field in.</summary>
/// <param name="Element">The type of the elements.</param>
/// <param name="Length">How many there are.</param>
/// <param name="Declared">The layout that the struct declares.</param>
/// <param name="IsAtomic">Whether its only field is marked <c>[Atomic]</c>, and so each element.</param>
internal sealed record InlineArray(ITypeSymbol Element, int Length, DeclaredLayout Declared, bool IsAtomic);

/// <summary>
/// The types of fields other than the language's own, each found out once a compilation: a thousand structs have fields of some dozen
/// types, and all of them are parsed at every keystroke.
/// </summary>
internal sealed class FieldTypes
{
    private static readonly ConditionalWeakTable<Compilation, FieldTypes> s_known = new();

    // The language's own are the same in every compilation; null those that cannot be fields.
    private static readonly ConcurrentDictionary<SpecialType, ParsedElement?> s_primitives = new();

    private readonly ConcurrentDictionary<ITypeSymbol, FieldType> _types = new(SymbolEqualityComparer.Default);

    /// <summary>Those of the compilation that a struct belongs to.</summary>
    public static FieldTypes Of(INamedTypeSymbol user) => user.ContainingAssembly is ISourceAssemblySymbol { Compilation: var compilation }
        ? s_known.GetValue(compilation, static _ => new FieldTypes())
        : new FieldTypes();

    public FieldType Find(ITypeSymbol type, CancellationToken cancellationToken)
    {
        if (_types.TryGetValue(type, out FieldType known))
            return known;
        return _types.GetOrAdd(type, Read(type, cancellationToken));
    }

    private static FieldType Read(ITypeSymbol type, CancellationToken cancellationToken)
    {
        bool isError = false;
        ImmutableArray<string> ids = [];
        for (INamedTypeSymbol? outer = type as INamedTypeSymbol; outer is { SpecialType: SpecialType.None }; outer = outer.ContainingType)
        {
            if (!Members.MayHaveAttributes(outer, cancellationToken))
                continue;
            isError |= CarriedAttributes.IsError(outer);
            ids = ids.AddRange(CarriedAttributes.Of(outer).Ids);
        }

        ParsedElement? known = KnownElement(type);
        InlineArray? array = known is null && InlineArrays.Find(type) is var (element, length, declared, field)
            ? new InlineArray(element, length, declared, FieldMarks.Of(field).IsAtomic)
            : null;
        return new FieldType(known, array, isError, ids)
        {
            Meaning = isError ? null : MeaningOf(type, known, array, new EquatableArray<string>(ids)),
        };
    }

    private static TypeMeaning? MeaningOf(ITypeSymbol type, ParsedElement? known, InlineArray? array, EquatableArray<string> ids) =>
        known is not null ? new TypeMeaning(TypeNames.Of(type), known, null, ids)
        : array is { Element.SpecialType: not SpecialType.None and var element }
            ? new TypeMeaning(TypeNames.Of(type), null, (element, array.Length, array.Declared, array.IsAtomic), ids)
        : null;

    /// <summary>The element that a field of the type is, if the type has a size of its own.</summary>
    public static ParsedElement? KnownElement(ITypeSymbol type)
    {
        if (type.SpecialType == SpecialType.None)
            return NewElement(type);
        if (s_primitives.TryGetValue(type.SpecialType, out ParsedElement? known))
            return known;
        return s_primitives[type.SpecialType] = NewElement(type);
    }

    private static ParsedElement? NewElement(ITypeSymbol type)
    {
        if (KnownTypes.Find(type) is { } known)
        {
            string name = known.TypeName ?? TypeNames.Of(type);
            return new ParsedElement(known.Kind, name, FieldShape.Value, known.Size, known.Alignment, default)
            {
                Members = EnumMembers.Of(type),
            };
        }

        if (TextTypes.SizeOf(type) is int size)
            return new ParsedElement("text", TypeNames.Of(type), FieldShape.Text, size, 1, default);
        return null;
    }
}
