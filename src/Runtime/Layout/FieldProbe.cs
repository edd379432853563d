using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace TypedShm;

/// <summary>
/// Finds out where the fields of a struct stand, by references to them alone: no value of the struct is needed for that, which may be
/// larger than the stack. For generated code.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly ref struct FieldProbe
{
    private readonly ref byte _start;

    internal FieldProbe(ref byte start) => _start = ref start;

    /// <summary>Whether four fields stand so many bytes from the start of the struct.</summary>
    public bool Finds<T1, T2, T3, T4>(ref readonly T1 first, nint at, ref readonly T2 second, nint at2, ref readonly T3 third, nint at3,
        ref readonly T4 fourth, nint at4) =>
        Finds(in first, at) && Finds(in second, at2) && Finds(in third, at3) && Finds(in fourth, at4);

    /// <summary>Whether three fields stand so many bytes from the start of the struct.</summary>
    public bool Finds<T1, T2, T3>(ref readonly T1 first, nint at, ref readonly T2 second, nint at2, ref readonly T3 third, nint at3) =>
        Finds(in first, at) && Finds(in second, at2) && Finds(in third, at3);

    /// <summary>Whether two fields stand so many bytes from the start of the struct.</summary>
    public bool Finds<T1, T2>(ref readonly T1 first, nint at, ref readonly T2 second, nint at2) =>
        Finds(in first, at) && Finds(in second, at2);

    /// <summary>Whether a field stands so many bytes from the start of the struct.</summary>
    public bool Finds<TField>(ref readonly TField field, nint offset) =>
        Unsafe.ByteOffset(ref _start, ref Unsafe.As<TField, byte>(ref Unsafe.AsRef(in field))) == offset;
}
