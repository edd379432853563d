namespace TypedShm.Contracts.Channels;

/// <summary>What a creator of these tests may choose.</summary>
/// <param name="MaxPeers">How many peers are let in.</param>
/// <param name="HandshakeTimeout">How long a client may take to connect; the default unless given.</param>
public sealed record Limits(int MaxPeers = 64, TimeSpan? HandshakeTimeout = null)
{
    /// <summary>The options of a channel with these limits.</summary>
    public TOptions In<TOptions>(TOptions options)
        where TOptions : ChannelOptions =>
        (TOptions)(options with { MaxPeers = MaxPeers, HandshakeTimeout = HandshakeTimeout ?? options.HandshakeTimeout });
}

/// <summary>
/// One kind of channel as the contract tests see it: how its ends are made, and how a number goes from the end that writes to the end that
/// reads. What holds for all kinds is tested through this; a new kind
/// derives from it once, and from each contract once.
/// </summary>
public abstract class Channel
{
    protected const int PairCapacity = 1024;

    /// <summary>Whether the channel takes one client in its life, whatever <see cref="Limits.MaxPeers"/> says.</summary>
    public virtual bool TakesOneClient => false;

    /// <summary>How many descriptors a connection costs its client.</summary>
    public virtual int ClientDescriptors => 1;

    /// <summary>Whether the end that created the channel writes, and those that opened it read.</summary>
    public virtual bool OwnerWrites => true;

    /// <summary>Finds a kind by the name of its class.</summary>
    public static Channel Of(string kind) =>
        (Channel)Activator.CreateInstance(typeof(Channel).Assembly.GetType($"{typeof(Channel).Namespace}.{kind}", throwOnError: true)!)!;

    public abstract IDisposable Create(string name, Limits limits);

    public abstract IDisposable Open(string name, OpenOptions options, CancellationToken cancellationToken = default);

    public abstract Task<IDisposable> OpenAsync(string name, OpenOptions options, CancellationToken cancellationToken = default);

    /// <summary>Opens the channel with a struct that is not its creator's.</summary>
    public abstract IDisposable OpenAnother(string name, OpenOptions options);

    /// <summary>Both ends, without a name; rings have <see cref="PairCapacity"/> messages.</summary>
    public abstract (IDisposable Owner, IDisposable Client) Pair();

    /// <summary>Sends a number, from 1. Whoever waits at the other end is woken.</summary>
    public abstract void Send(IDisposable writer, long number);

    /// <summary>Receives what is there: the newest value or the next message.</summary>
    /// <returns>The number; 0 if there is nothing.</returns>
    public abstract long Receive(IDisposable reader);

    /// <summary>Waits for something that was not received yet.</summary>
    public abstract Task WaitAsync(IDisposable reader, CancellationToken cancellationToken = default);

    /// <summary>As <see cref="WaitAsync"/>, on the calling thread.</summary>
    public abstract void Wait(IDisposable reader, CancellationToken cancellationToken = default);
}
