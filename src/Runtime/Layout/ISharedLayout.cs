using System.Diagnostics.CodeAnalysis;

namespace TypedShm;

/// <summary>
/// What the runtime knows of a <see cref="SharedLayoutAttribute">[SharedLayout]</see> struct. Implemented by generated
/// code, explicitly, so that a struct's fields may have any name; not meant to be implemented by hand.
/// </summary>
/// <typeparam name="TSelf">The struct itself.</typeparam>
[SuppressMessage("Design", "CA1000:Do not declare static members on generic types",
    Justification = "Static abstract members are how generic code reaches the layout without reflection.")]
public interface ISharedLayout<TSelf>
    where TSelf : unmanaged, ISharedLayout<TSelf>
{
    /// <summary>The size in bytes, as <c>sizeof</c> gives it.</summary>
    static abstract int Size { get; }

    /// <summary>The alignment in bytes, a power of two.</summary>
    static abstract int Alignment { get; }

    /// <summary>
    /// 64 bits over the size, the alignment and, of every field in order: path, kind, offset, size, array length and
    /// marks. Names of types, namespaces and assemblies take no part, nor does padding. <c>docs/format.md</c> gives
    /// the exact bytes.
    /// </summary>
    static abstract ulong Fingerprint { get; }

    /// <summary>The layout as JSON in UTF-8, as it stands in the header of a region. See <c>docs/format.md</c>.</summary>
    static abstract ReadOnlySpan<byte> LayoutJson { get; }

    /// <summary>
    /// The numbers of the fields that are not public, so that they are not shown. All fields are counted from 0 in the order in which the
    /// layout's JSON has them, those of a nested struct after it.
    /// </summary>
    static virtual ReadOnlySpan<int> HiddenFields => default;

    /// <summary>Compares the offsets that the generator computed with those that the running runtime chose.</summary>
    /// <param name="value">Where a struct would be. No field is read: there may be less memory than the struct takes.</param>
    /// <param name="probe">Knows where that is.</param>
    /// <returns><see langword="true"/> if all offsets agree.</returns>
    static abstract bool Verify(ref readonly TSelf value, FieldProbe probe);
}
