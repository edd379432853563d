using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace TypedShm.Layouts.Aot;

/// <summary>A leaf, and where the runtime has put it: bytes from the start of the struct.</summary>
internal readonly record struct Leaf(string Path, int Offset);

/// <summary>A struct as the runtime has laid it out, and as the generator says that it does.</summary>
internal sealed record Row(string Name, int Size, int Alignment, IReadOnlyList<Leaf> Leaves, LayoutDescriptor Computed)
{
    public delegate Leaf[] Measure<T>(ref T value);

    public static Row Of<T>(string name, Measure<T> measure)
        where T : unmanaged, ISharedLayout<T>
    {
        T value = default;
        Aligned<T> aligned = new() { First = 1 };
        return new Row(name, Unsafe.SizeOf<T>(), Offset(ref aligned, ref aligned.Second), measure(ref value), LayoutDescriptor.Of<T>());
    }

    public static int Offset<TStruct, TField>(ref TStruct start, ref TField field) =>
        (int)Unsafe.ByteOffset(ref Unsafe.As<TStruct, byte>(ref start), ref Unsafe.As<TField, byte>(ref field));

    /// <summary>What the runtime does; where the generator says something else, that too.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"{Name}: size {Size}, alignment {Alignment}, fingerprint {Computed.Fingerprint:x16}");
        if ((Computed.Size, Computed.Alignment) != (Size, Alignment))
            text.Append(CultureInfo.InvariantCulture, $", COMPUTED size {Computed.Size}, alignment {Computed.Alignment}");
        foreach (Leaf leaf in Leaves)
        {
            int computed = OffsetOf(leaf.Path, Computed.Fields);
            text.Append(CultureInfo.InvariantCulture,
                $"\n  {leaf.Path} at {leaf.Offset}{(computed == leaf.Offset ? "" : $", COMPUTED {computed}")}");
        }

        return text.ToString();
    }

    // A path is Field.Array[2].Field.
    private static int OffsetOf(string path, IReadOnlyList<LayoutField> fields)
    {
        int offset = 0;
        foreach (string part in path.Split('.'))
        {
            string[] nameAndIndex = part.TrimEnd(']').Split('[');
            LayoutField field = fields.Single(one => one.Name == nameAndIndex[0]);
            offset += field.Offset + (nameAndIndex.Length == 1 ? 0 : int.Parse(nameAndIndex[1], CultureInfo.InvariantCulture) * field.Size);
            fields = field.Fields;
        }

        return offset;
    }

    private struct Aligned<T>
    {
        public byte First;
        public T Second;
    }
}
