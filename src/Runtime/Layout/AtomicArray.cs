using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace TypedShm;

/// <summary>An array of <see cref="AtomicAttribute">[Atomic]</see> elements in memory: <c>view.Hits[3].Increment()</c>.</summary>
/// <typeparam name="T">An integer, enum, floating-point number, <see cref="bool"/> or <see cref="char"/> of 1, 2, 4 or 8 bytes.</typeparam>
/// <param name="elements">The elements, at an address that is a multiple of their size.</param>
[DebuggerDisplay("{Length} elements")]
public readonly ref struct AtomicArray<T>(Span<T> elements)
    where T : unmanaged
{
    private readonly Span<T> _elements = elements;

    /// <summary>How many elements there are.</summary>
    public int Length => _elements.Length;

    /// <summary>One element.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such element.</exception>
    public Atomic<T> this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(ref _elements[index]);
    }

    /// <summary>All elements, one after the other.</summary>
    public Enumerator GetEnumerator() => new(_elements);

    /// <summary>The same array, to be read only.</summary>
    public static implicit operator ReadOnlyAtomicArray<T>(AtomicArray<T> array) => new(array._elements);

    /// <summary>Enumerates the elements.</summary>
    public ref struct Enumerator
    {
        private readonly Span<T> _elements;
        private int _index;

        internal Enumerator(Span<T> elements)
        {
            _elements = elements;
            _index = -1;
        }

        /// <summary>The element that has been reached.</summary>
        public readonly Atomic<T> Current => new(ref _elements[_index]);

        /// <summary>Goes to the next element.</summary>
        /// <returns>Whether there is one.</returns>
        public bool MoveNext() => ++_index < _elements.Length;
    }
}

/// <summary>An array of <see cref="AtomicAttribute">[Atomic]</see> elements of a peer.</summary>
/// <typeparam name="T">An integer, enum, floating-point number, <see cref="bool"/> or <see cref="char"/> of 1, 2, 4 or 8 bytes.</typeparam>
/// <param name="elements">The elements, at an address that is a multiple of their size.</param>
[DebuggerDisplay("{Length} elements")]
public readonly ref struct ReadOnlyAtomicArray<T>(ReadOnlySpan<T> elements)
    where T : unmanaged
{
    private readonly ReadOnlySpan<T> _elements = elements;

    /// <summary>How many elements there are.</summary>
    public int Length => _elements.Length;

    /// <summary>One element.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such element.</exception>
    public ReadOnlyAtomic<T> this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(in _elements[index]);
    }

    /// <summary>All elements, one after the other.</summary>
    public Enumerator GetEnumerator() => new(_elements);

    /// <summary>Enumerates the elements.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<T> _elements;
        private int _index;

        internal Enumerator(ReadOnlySpan<T> elements)
        {
            _elements = elements;
            _index = -1;
        }

        /// <summary>The element that has been reached.</summary>
        public readonly ReadOnlyAtomic<T> Current => new(in _elements[_index]);

        /// <summary>Goes to the next element.</summary>
        /// <returns>Whether there is one.</returns>
        public bool MoveNext() => ++_index < _elements.Length;
    }
}
