using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TypedShm;

/// <summary>One field of a <see cref="LayoutDescriptor"/>.</summary>
[DebuggerDisplay("{Name}")]
public sealed class LayoutField
{
    internal LayoutField(string name, string kind, int offset, int size, int? length, bool isAtomic,
        IReadOnlyList<LayoutField> fields, IReadOnlyList<LayoutMember> members)
    {
        Name = name;
        Kind = kind;
        Offset = offset;
        Size = size;
        Length = length;
        IsAtomic = isAtomic;
        Fields = fields;
        Members = members;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The kind, as <c>docs/format.md</c> lists them: <c>int32</c>, <c>float64</c>, <c>text</c>, <c>struct</c>, …</summary>
    public string Kind { get; }

    /// <summary>Bytes from the start of the struct, or of the array element, that contains the field.</summary>
    public int Offset { get; }

    /// <summary>The size in bytes; of an array, the size of one element.</summary>
    public int Size { get; }

    /// <summary>The number of elements, or null for a field that is no array.</summary>
    public int? Length { get; }

    /// <summary>Whether the field is marked <see cref="AtomicAttribute">[Atomic]</see>.</summary>
    public bool IsAtomic { get; }

    /// <summary>The fields of a nested struct, in order of declaration; otherwise empty.</summary>
    public IReadOnlyList<LayoutField> Fields { get; }

    /// <summary>
    /// The members of the field's enum, in order of declaration; empty if it is none, or if the layout does not tell. Not compared.
    /// </summary>
    public IReadOnlyList<LayoutMember> Members { get; }

    /// <summary>The name of the member with a value, or null if there is none.</summary>
    internal string? MemberOf(ReadOnlySpan<byte> value)
    {
        if (Members.Count == 0)
            return null;
        long bits = Bits(value);
        foreach (LayoutMember member in Members)
        {
            if (member.Value == bits)
                return member.Name;
        }

        return null;
    }

    /// <summary>Writes the value of the member with a name.</summary>
    /// <returns>Whether there is one.</returns>
    internal bool TrySetMember(string name, Span<byte> value)
    {
        foreach (LayoutMember member in Members)
        {
            if (member.Name == name)
            {
                long bits = member.Value;
                MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in bits))[..value.Length].CopyTo(value);
                return true;
            }
        }

        return false;
    }

    private long Bits(ReadOnlySpan<byte> value) => (value.Length, Kind[0] == 'u') switch
    {
        (1, true) => value[0],
        (1, _) => (sbyte)value[0],
        (2, true) => MemoryMarshal.Read<ushort>(value),
        (2, _) => MemoryMarshal.Read<short>(value),
        (4, true) => MemoryMarshal.Read<uint>(value),
        (4, _) => MemoryMarshal.Read<int>(value),
        _ => MemoryMarshal.Read<long>(value),
    };
}

/// <summary>A member of an enum.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value; of an enum of 64 bits without sign, the same bits with one.</param>
public readonly record struct LayoutMember(string Name, long Value);
