using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>What the type of a field is, whatever field it is the type of.</summary>
/// <param name="Known">The element, if the type has a size of its own.</param>
/// <param name="IsError">Whether use of it is an error that cannot be switched off.</param>
/// <param name="DisabledIds">The ids of diagnostics that its use causes.</param>
internal sealed record FieldType(ParsedElement? Known, bool IsError, ImmutableArray<string> DisabledIds);

/// <summary>
/// The types of fields other than the language's own, each found out once a compilation: a thousand structs have fields of some dozen
/// types, and all of them are parsed at every keystroke.
/// </summary>
internal sealed class FieldTypes
{
    private static readonly ConditionalWeakTable<Compilation, FieldTypes> s_known = new();

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

        return new FieldType(KnownElement(type), isError, ids);
    }

    /// <summary>The element that a field of the type is, if the type has a size of its own.</summary>
    public static ParsedElement? KnownElement(ITypeSymbol type)
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
