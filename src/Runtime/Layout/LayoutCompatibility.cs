using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace TypedShm.Layout;

/// <summary>
/// Whether a reader can read what a writer with another layout writes, and how. It can if one layout is a prefix of the
/// other: new fields have been appended, and nothing else has changed.
/// </summary>
/// <remarks>
/// A layout's leaves are its fields in order, with the leaves of a nested struct in its place; an array is one leaf, and
/// its elements have to be the same. A layout is a prefix of another if its leaves are the first of the other's, alike in
/// path, kind, place, size, length and marks; if every further leaf begins at or after the end of all of them; and if it
/// is neither larger nor more strictly aligned. Padding may become a field, but nothing comes in between. A layout without
/// leaves is a prefix only of others without: it says nothing that could be agreed on.
/// </remarks>
internal sealed class LayoutCompatibility
{
    private readonly LayoutDescriptor _reader;
    private readonly LayoutDescriptor _writer;

    private LayoutCompatibility(LayoutDescriptor reader, LayoutDescriptor writer, bool isByReference, int sharedLength)
    {
        _reader = reader;
        _writer = writer;
        IsByReference = isByReference;
        SharedLength = sharedLength;
    }

    /// <summary>
    /// Whether the reader's layout is the writer's or a prefix of it, so that its struct can stand where the writer's does.
    /// </summary>
    public bool IsByReference { get; }

    /// <summary>How many bytes, from the start, mean the same to both: to the end of the last field that both have.</summary>
    public int SharedLength { get; }

    /// <returns>Null if neither layout is a prefix of the other.</returns>
    public static LayoutCompatibility? Of(LayoutDescriptor reader, LayoutDescriptor writer) =>
        PrefixWalk.End(reader, writer) is int readersEnd ? new LayoutCompatibility(reader, writer, isByReference: true, readersEnd)
        : PrefixWalk.End(writer, reader) is int writersEnd ? new LayoutCompatibility(reader, writer, isByReference: false, writersEnd)
        : null;

    /// <summary>How <typeparamref name="T"/> reads what a writer writes whose layout was found to fit, in the handshake.</summary>
    public static LayoutCompatibility For<T>(LayoutDescriptor writer)
        where T : unmanaged, ISharedLayout<T> => Of(LayoutDescriptor.Of<T>(), writer)!;

    /// <summary>Whether two sides can share a struct.</summary>
    /// <param name="ours">The layout of this side.</param>
    /// <param name="theirs">The layout of the other side.</param>
    /// <param name="mayHaveGrown">Whether it is enough that one is a prefix of the other.</param>
    public static bool Fits(LayoutDescriptor ours, LayoutDescriptor theirs, bool mayHaveGrown) =>
        mayHaveGrown ? Of(ours, theirs) is not null : ours.Fingerprint == theirs.Fingerprint;

    /// <summary>Whether the writer has a field of the reader's, all of it.</summary>
    /// <param name="path">The field's name; for a field of a nested struct the names joined by dots.</param>
    /// <exception cref="ArgumentException">The reader has no such field.</exception>
    public bool Has(string path)
    {
        long start = 0;
        LayoutField? field = null;
        IReadOnlyList<LayoutField> fields = _reader.Fields;
        foreach (string name in path.Split('.'))
        {
            field = fields.FirstOrDefault(candidate => candidate.Name == name)
                ?? throw new ArgumentException($"'{_reader.Name}' has no field '{path}'. {(field is null ? "It" : $"'{field.Name}'")} "
                    + $"has: {string.Join(", ", fields.Select(candidate => candidate.Name))}.", nameof(path));
            start += field.Offset;
            fields = field.Fields;
        }

        return IsByReference || LastStart(field!, start) < SharedLength;
    }

    /// <summary>A copy of the fields that the writer has; the others are zero.</summary>
    /// <param name="from">Where the writer's struct stands.</param>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public unsafe T Copy<T>(byte* from)
        where T : unmanaged
    {
        T copy = default;
        CopyWhole(from, (byte*)&copy, Math.Min(SharedLength, sizeof(T)));
        return copy;
    }

    /// <summary>What a reader is told that wants a reference to a struct that ends before its own does.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    [DoesNotReturn]
    public void ThrowNoReference() =>
        throw new InvalidOperationException($"There is no reference to a whole '{_reader.Name}': the writer was compiled with an older "
            + $"layout of it, which has {_writer.Size} bytes and lacks fields of this program's, which has {_reader.Size}. Read() and "
            + "TryRead() copy what is there; Has(field) tells which fields are. Or update the program that writes it.");

    // Word by word: a copy of any length in one call may load the end in overlapping pieces, and so tear a field.
    private static unsafe void CopyWhole(byte* from, byte* to, int length)
    {
        int at = 0;
        for (; at <= length - sizeof(ulong); at += sizeof(ulong))
            *(ulong*)(to + at) = *(ulong*)(from + at);
        if ((length & sizeof(uint)) != 0)
        {
            *(uint*)(to + at) = *(uint*)(from + at);
            at += sizeof(uint);
        }

        if ((length & sizeof(ushort)) != 0)
        {
            *(ushort*)(to + at) = *(ushort*)(from + at);
            at += sizeof(ushort);
        }

        if ((length & sizeof(byte)) != 0)
            to[at] = from[at];
    }

    // What is absent begins at or after the end of everything that is there.
    private static long LastStart(LayoutField field, long start) =>
        field.Fields.Count == 0 || field.Length is not null
            ? start
            : field.Fields.Max(inner => LastStart(inner, start + inner.Offset));

    private ref struct PrefixWalk
    {
        private long _end;
        private long _firstAdded;

        /// <returns>The end of the last leaf of the shorter layout, if it is a prefix of the longer one.</returns>
        public static int? End(LayoutDescriptor shorter, LayoutDescriptor longer)
        {
            if (shorter.Size > longer.Size || shorter.Alignment > longer.Alignment)
                return null;
            PrefixWalk walk = new() { _firstAdded = long.MaxValue };

            bool isPrefix = walk.Compare(shorter.Fields, longer.Fields, 0, 0) && walk._end <= walk._firstAdded
                && (walk._end > 0 || longer.Fields.Count == 0);

            // A field ends within what contains it, so the end fits into an int, as the size does.
            return isPrefix ? (int)walk._end : null;
        }

        private bool Compare(IReadOnlyList<LayoutField> shorter, IReadOnlyList<LayoutField> longer, long shorterStart, long longerStart)
        {
            for (int i = 0; i < shorter.Count; i++)
            {
                // Once the longer layout has shown a leaf of its own, the shorter one must be over.
                if (_firstAdded != long.MaxValue || i >= longer.Count)
                    return false;

                LayoutField one = shorter[i];
                LayoutField other = longer[i];
                if (one.Name != other.Name || one.Kind != other.Kind || one.Length != other.Length)
                    return false;

                long start = shorterStart + one.Offset;
                if (one.Length is null && one.Fields.Count > 0 && other.Fields.Count > 0)
                {
                    if (!Compare(one.Fields, other.Fields, start, longerStart + other.Offset))
                        return false;
                    continue;
                }

                if (start != longerStart + other.Offset || !AreEqual(one, other))
                    return false;
                _end = Math.Max(_end, start + ((long)one.Size * (one.Length ?? 1)));
            }

            for (int i = shorter.Count; i < longer.Count; i++)
                _firstAdded = Math.Min(_firstAdded, longerStart + longer[i].Offset);
            return true;
        }

        private static bool AreEqual(LayoutField one, LayoutField other)
        {
            if (one.Size != other.Size || one.IsAtomic != other.IsAtomic || one.Fields.Count != other.Fields.Count)
                return false;
            for (int i = 0; i < one.Fields.Count; i++)
            {
                LayoutField left = one.Fields[i];
                LayoutField right = other.Fields[i];
                if (left.Name != right.Name || left.Kind != right.Kind || left.Offset != right.Offset || left.Length != right.Length
                    || !AreEqual(left, right))
                    return false;
            }

            return true;
        }
    }
}
