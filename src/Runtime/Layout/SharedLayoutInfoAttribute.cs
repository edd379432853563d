using System.ComponentModel;

namespace TypedShm;

/// <summary>
/// The layout of a <see cref="SharedLayoutAttribute">[SharedLayout]</see> struct as the generator computed it. Emitted
/// by the generator, so that a project that nests the struct can read from metadata what the compiler does not keep
/// there; not for use in source code.
/// </summary>
/// <param name="size">The size in bytes.</param>
/// <param name="alignment">The alignment in bytes, a power of two.</param>
/// <param name="fingerprint">The fingerprint, see <see cref="ISharedLayout{TSelf}.Fingerprint"/>.</param>
/// <param name="offsets">The offset in bytes of each instance field, in order of declaration.</param>
[AttributeUsage(AttributeTargets.Struct)]
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class SharedLayoutInfoAttribute(int size, int alignment, ulong fingerprint, int[] offsets) : Attribute
{
    /// <summary>The size in bytes.</summary>
    public int Size { get; } = size;

    /// <summary>The alignment in bytes, a power of two.</summary>
    public int Alignment { get; } = alignment;

    /// <summary>The fingerprint, see <see cref="ISharedLayout{TSelf}.Fingerprint"/>.</summary>
    public ulong Fingerprint { get; } = fingerprint;

    /// <summary>The offset in bytes of each instance field, in order of declaration.</summary>
    public int[] Offsets { get; } = offsets;
}
