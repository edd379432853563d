using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace TypedShm;

/// <summary>
/// What a debugger shows of a generated view if the project has <c>TypedShmViewExtras</c> set: the fields as they were at that moment.
/// Named in generated code, as <see cref="Span{T}"/> names its own.
/// </summary>
/// <typeparam name="TView">The view.</typeparam>
/// <typeparam name="T">The struct that it is a view of.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
[DebuggerDisplay("{Value}")]
public sealed class SharedViewDebugView<TView, T>
    where TView : allows ref struct
{
    /// <summary>Copies the struct. A view consists of a reference to it and nothing else.</summary>
    public SharedViewDebugView(TView view) => Value = Unsafe.As<TView, Reference>(ref view).Value;

    /// <summary>The copy.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.RootHidden)]
    public T Value { get; }

    private readonly ref struct Reference(ref readonly T value)
    {
        public readonly ref readonly T Value = ref value;
    }
}
