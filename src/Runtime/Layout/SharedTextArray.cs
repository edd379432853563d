using System.Diagnostics;
namespace TypedShm;

/// <summary>An array of texts in memory, each of the same size. See <see cref="SharedText"/>.</summary>
/// <param name="bytes">The bytes of all elements.</param>
/// <param name="size">Bytes of one element.</param>
[DebuggerDisplay("{Length} texts")]
public readonly ref struct SharedTextArray(Span<byte> bytes, int size)
{
    private readonly Span<byte> _bytes = bytes;
    private readonly int _size = size;

    /// <summary>How many elements there are.</summary>
    public int Length => _bytes.Length / _size;

    /// <summary>One element.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public SharedText this[int index] => new(_bytes.Slice(TextElements.Start(index, _size, Length), _size));

    /// <summary>All elements, one after the other.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>The same array, to be read only.</summary>
    public static implicit operator ReadOnlySharedTextArray(SharedTextArray array) => new(array._bytes, array._size);

    /// <summary>Enumerates the elements.</summary>
    public ref struct Enumerator
    {
        private readonly SharedTextArray _array;
        private int _index;

        internal Enumerator(SharedTextArray array)
        {
            _array = array;
            _index = -1;
        }

        /// <summary>The element that has been reached.</summary>
        public readonly SharedText Current => _array[_index];

        /// <summary>Goes to the next element.</summary>
        /// <returns>Whether there is one.</returns>
        public bool MoveNext() => ++_index < _array.Length;
    }
}

/// <summary>An array of texts of a peer. See <see cref="SharedText"/>.</summary>
/// <param name="bytes">The bytes of all elements.</param>
/// <param name="size">Bytes of one element.</param>
[DebuggerDisplay("{Length} texts")]
public readonly ref struct ReadOnlySharedTextArray(ReadOnlySpan<byte> bytes, int size)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly int _size = size;

    /// <summary>How many elements there are.</summary>
    public int Length => _bytes.Length / _size;

    /// <summary>One element.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public ReadOnlySharedText this[int index] => new(_bytes.Slice(TextElements.Start(index, _size, Length), _size));

    /// <summary>All elements, one after the other.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Enumerates the elements.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySharedTextArray _array;
        private int _index;

        internal Enumerator(ReadOnlySharedTextArray array)
        {
            _array = array;
            _index = -1;
        }

        /// <summary>The element that has been reached.</summary>
        public readonly ReadOnlySharedText Current => _array[_index];

        /// <summary>Goes to the next element.</summary>
        /// <returns>Whether there is one.</returns>
        public bool MoveNext() => ++_index < _array.Length;
    }
}

internal static class TextElements
{
    /// <summary>Where an element begins.</summary>
    public static int Start(int index, int size, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, length);
        return index * size;
    }
}
