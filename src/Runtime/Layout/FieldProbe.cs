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

    /// <summary>Whether a field stands so many bytes from the start of the struct.</summary>
    public bool Finds<TField>(ref readonly TField field, nint offset) =>
        Unsafe.ByteOffset(ref _start, ref Unsafe.As<TField, byte>(ref Unsafe.AsRef(in field))) == offset;
}
