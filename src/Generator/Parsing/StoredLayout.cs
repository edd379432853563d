using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>What <c>[SharedLayoutInfo]</c> on a struct of another assembly says.</summary>
internal sealed record StoredLayout(int Size, int Alignment, ulong Fingerprint, long[] Offsets)
{
    public static StoredLayout? Of(INamedTypeSymbol type) =>
        MetadataNames.FindAttribute(type, MetadataNames.SharedLayoutInfo) is
        {
            ConstructorArguments: [{ Value: int size }, { Value: int alignment }, { Value: ulong fingerprint },
            { Kind: TypedConstantKind.Array, Values: { IsDefault: false } offsets }],
        }
            ? new StoredLayout(size, alignment, fingerprint, [.. offsets.Select(static offset => offset.Value is int value ? value : 0L)])
            : null;
}
