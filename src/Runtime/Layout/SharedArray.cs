using System.ComponentModel;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace TypedShm;

/// <summary>A generated view, as generic code makes one. Implemented by generated code, explicitly.</summary>
/// <typeparam name="TSelf">The view.</typeparam>
/// <typeparam name="T">The struct that it is a view of.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
[SuppressMessage("Design", "CA1000:Do not declare static members on generic types",
    Justification = "Generic code makes views without reflection.")]
public interface ISharedView<TSelf, T>
    where TSelf : ISharedView<TSelf, T>, allows ref struct
{
    /// <summary>Makes a view of the struct in place.</summary>
    [SuppressMessage("Naming", "CA1716:Identifiers should not match keywords", Justification = "Reads as a sentence: TView.Of(ref value).")]
    static abstract TSelf Of(ref T value);
}

/// <summary>A generated view that cannot write, as generic code makes one. Implemented by generated code, explicitly.</summary>
/// <typeparam name="TSelf">The view.</typeparam>
/// <typeparam name="T">The struct that it is a view of.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
[SuppressMessage("Design", "CA1000:Do not declare static members on generic types",
    Justification = "Generic code makes views without reflection.")]
public interface IReadOnlySharedView<TSelf, T>
    where TSelf : IReadOnlySharedView<TSelf, T>, allows ref struct
{
    /// <summary>Makes a view of the struct in place.</summary>
    [SuppressMessage("Naming", "CA1716:Identifiers should not match keywords", Justification = "Reads as a sentence: TView.Of(in value).")]
    static abstract TSelf Of(ref readonly T value);
}

/// <summary>An array of shared structs in memory, each seen through its view: <c>view.Items[3].Hits.Increment()</c>.</summary>
/// <typeparam name="T">The struct.</typeparam>
/// <typeparam name="TView">Its <c>SharedView</c>.</typeparam>
/// <param name="elements">The elements in place.</param>
[DebuggerDisplay("{Length} elements")]
public readonly ref struct SharedArray<T, TView>(Span<T> elements)
    where TView : ISharedView<TView, T>, allows ref struct
{
    /// <summary>
    /// The elements in place, as plain memory: what is <see cref="AtomicAttribute">[Atomic]</see> in them is not atomic here.
    /// </summary>
    public Span<T> Span { get; } = elements;

    /// <summary>How many elements there are.</summary>
    public int Length => Span.Length;

    /// <summary>The view of one element.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such element.</exception>
    public TView this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TView.Of(ref Span[index]);
    }

    /// <summary>The views of all elements, one after the other.</summary>
    public Enumerator GetEnumerator() => new(Span);

    /// <summary>The elements in place, as plain memory.</summary>
    public static implicit operator Span<T>(SharedArray<T, TView> array) => array.Span;

    /// <summary>Enumerates the views of the elements.</summary>
    public ref struct Enumerator
    {
        private readonly Span<T> _elements;
        private int _index;

        internal Enumerator(Span<T> elements)
        {
            _elements = elements;
            _index = -1;
        }

        /// <summary>The view of the element that has been reached.</summary>
        public readonly TView Current => TView.Of(ref _elements[_index]);

        /// <summary>Goes to the next element.</summary>
        /// <returns>Whether there is one.</returns>
        public bool MoveNext() => ++_index < _elements.Length;
    }
}

/// <summary>An array of shared structs that can only be read, each seen through its view.</summary>
/// <typeparam name="T">The struct.</typeparam>
/// <typeparam name="TView">Its <c>ReadOnlySharedView</c>.</typeparam>
/// <param name="elements">The elements in place.</param>
[DebuggerDisplay("{Length} elements")]
public readonly ref struct ReadOnlySharedArray<T, TView>(ReadOnlySpan<T> elements)
    where TView : IReadOnlySharedView<TView, T>, allows ref struct
{
    /// <summary>
    /// The elements in place, as plain memory: what is <see cref="AtomicAttribute">[Atomic]</see> in them is not atomic here.
    /// </summary>
    public ReadOnlySpan<T> Span { get; } = elements;

    /// <summary>How many elements there are.</summary>
    public int Length => Span.Length;

    /// <summary>The view of one element.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such element.</exception>
    public TView this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TView.Of(in Span[index]);
    }

    /// <summary>The views of all elements, one after the other.</summary>
    public Enumerator GetEnumerator() => new(Span);

    /// <summary>The elements in place, as plain memory.</summary>
    public static implicit operator ReadOnlySpan<T>(ReadOnlySharedArray<T, TView> array) => array.Span;

    /// <summary>Enumerates the views of the elements.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlySpan<T> _elements;
        private int _index;

        internal Enumerator(ReadOnlySpan<T> elements)
        {
            _elements = elements;
            _index = -1;
        }

        /// <summary>The view of the element that has been reached.</summary>
        public readonly TView Current => TView.Of(in _elements[_index]);

        /// <summary>Goes to the next element.</summary>
        /// <returns>Whether there is one.</returns>
        public bool MoveNext() => ++_index < _elements.Length;
    }
}
