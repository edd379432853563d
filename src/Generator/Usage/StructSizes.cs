using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>The sizes of shared structs, computed once a compilation.</summary>
internal sealed class StructSizes
{
    private readonly ConcurrentDictionary<ITypeSymbol, int> _sizes = new(SymbolEqualityComparer.Default);

    /// <summary>The size of a shared struct in bytes; 0 for any other type.</summary>
    public int Of(ITypeSymbol? type, CancellationToken cancellationToken)
    {
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Struct } named)
            return 0;
        if (_sizes.TryGetValue(named, out int size))
            return size;
        size = SharedTypes.IsShared(named) ? StructParser.Parse(named, problems: null, cancellationToken)?.Size ?? 0 : 0;
        return _sizes.GetOrAdd(named, size);
    }
}
