using System.Diagnostics.CodeAnalysis;

namespace TypedShm.Ends;

/// <summary>One end of a channel: what the public objects of all channels stand on.</summary>
internal abstract class ChannelEnd : IDisposable
{
    private readonly string _name;
    private int _disposed;

    protected ChannelEnd(string name)
    {
        _name = name;
        Joined = new(this);
        Left = new(this);
        Refusals = new(this);
        States = new(this);
    }

    public event EventHandler<PeerLeftEventArgs>? PeerLeft
    {
        add => Left.Add(value);
        remove => Left.Remove(value);
    }

    public event EventHandler<PeerRefusedEventArgs>? PeerRefused
    {
        add => Refusals.Add(value);
        remove => Refusals.Remove(value);
    }

    public event EventHandler<ConnectionStateChangedEventArgs>? StateChanged
    {
        add => States.Add(value);
        remove => States.Remove(value);
    }

    /// <summary>A handler that is added is told of everyone who is there, and the first one of those too who have left before.</summary>
    public abstract event EventHandler<PeerJoinedEventArgs>? PeerJoined;

    /// <summary>The name of the endpoint, as the user gave it.</summary>
    public string Name => _name;

    /// <summary>Whether the creator is there.</summary>
    public abstract ConnectionState State { get; }

    /// <summary>Who is connected to this end.</summary>
    public abstract IReadOnlyList<SharedPeer> Peers { get; }

    /// <summary>The public object: the sender of events, and the name in exceptions.</summary>
    public object? Owner { get; set; }

    /// <summary>Runs the handlers of this end's events.</summary>
    public EventQueue Events { get; } = new();

    protected ChannelEvent<PeerJoinedEventArgs> Joined { get; }

    protected ChannelEvent<PeerLeftEventArgs> Left { get; }

    protected ChannelEvent<PeerRefusedEventArgs> Refusals { get; }

    protected ChannelEvent<ConnectionStateChangedEventArgs> States { get; }

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
    public ObjectDisposedException DisposedException() => new(Description);

    /// <summary>What it is, as its user knows it: <c>SharedStateReader&lt;Pose&gt; 'pose'</c>.</summary>
    public string Description => $"{NameOf((Owner ?? this).GetType())} '{_name}'";

    /// <summary>Ends waits and connections, then gives the memory up. Called once, after the flag is set.</summary>
    protected abstract void Close();

    /// <summary>Roots this end until it is disposed. The last thing that a constructor does, when nothing can fail any more.</summary>
    protected void Root() => RootedEnds.Add(this);

    // As it is written in a program: SharedStateReader<Pose>.
    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
        : type.Name;
}
