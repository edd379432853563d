using System.Diagnostics.CodeAnalysis;

namespace TypedShm.Ends;

/// <summary>One end of a channel: what the public objects of all channels stand on.</summary>
/// <param name="name">The name of the endpoint.</param>
internal abstract class ChannelEnd(string name) : IDisposable
{
    private int _disposed;

    /// <summary>The name of the endpoint, as the user gave it.</summary>
    public string Name => name;

    /// <summary>The public object: the sender of events, and the name in exceptions.</summary>
    public object? Owner { get; set; }

    /// <summary>Runs the handlers of this end's events.</summary>
    public EventQueue Events { get; } = new();

    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        try
        {
            Close();
        }
        finally
        {
            RootedEnds.Remove(this);
        }
    }

    public void ThrowIfDisposed()
    {
        if (IsDisposed)
            ThrowDisposed();
    }

    [DoesNotReturn]
    public void ThrowDisposed() => throw DisposedException();

    /// <summary>What every use of this end throws once it is disposed. A new object each time: it is thrown.</summary>
    public ObjectDisposedException DisposedException() => new($"{NameOf((Owner ?? this).GetType())} '{name}'");

    /// <summary>Ends waits and connections, then gives the memory up. Called once, after the flag is set.</summary>
    protected abstract void Close();

    /// <summary>Roots this end until it is disposed. The last thing that a constructor does, when nothing can fail any more.</summary>
    protected void Root() => RootedEnds.Add(this);

    // As it is written in a program: SharedStateReader<Pose>.
    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
        : type.Name;
}
