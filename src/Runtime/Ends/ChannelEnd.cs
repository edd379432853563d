using System.Diagnostics.CodeAnalysis;

namespace TypedShm.Ends;

/// <summary>One end of a channel: what the public objects of all channels stand on.</summary>
internal abstract class ChannelEnd : IDisposable
{
    private int _disposed;

    /// <summary>The public object: the sender of events, and the name in exceptions.</summary>
    public object Owner { get; set; } = null!;

    public EventQueue Events { get; } = new();

    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        Close();
        RootedEnds.Remove(this);
    }

    public void ThrowIfDisposed()
    {
        if (IsDisposed)
            ThrowDisposed();
    }

    /// <summary>Ends waits and connections, then gives the memory up. Called once, after the flag is set.</summary>
    protected abstract void Close();

    /// <summary>Roots this end until it is disposed. The last thing that a constructor does, when nothing can fail any more.</summary>
    protected void Root() => RootedEnds.Add(this);

    [DoesNotReturn]
    private void ThrowDisposed() => throw new ObjectDisposedException(Owner.GetType().FullName);
}
