namespace TypedShm.CrossProcess.Workloads;

/// <summary>What goes there through one queue and comes back through another, each created by its reader.</summary>
/// <param name="name">The name that those of the queues begin with.</param>
/// <param name="there">How the peer creates the queue that it reads.</param>
/// <param name="back">How the main side creates the one that it reads.</param>
internal abstract class TwoQueues<T>(string name, SharedQueueOptions there, SharedQueueOptions back) : Workload(name)
    where T : unmanaged, ISharedLayout<T>
{
    /// <summary>What this side reads.</summary>
    protected SharedQueueReader<T> In { get; private set; } = null!;

    /// <summary>What this side writes.</summary>
    protected SharedQueueWriter<T> Out { get; private set; } = null!;

    public sealed override void OpenMain() => Open("back", back, "there", there.Wait);

    public sealed override void OpenPeer() => Open("there", there, "back", back.Wait);

    public sealed override void Dispose()
    {
        Out?.Dispose();
        In?.Dispose();
    }

    private void Open(string read, SharedQueueOptions options, string written, WaitMode wait)
    {
        In = SharedQueue.CreateReader<T>($"{Name}-{read}", options);
        Out = SharedQueue.OpenWriter<T>($"{Name}-{written}", Options.Open(wait));
    }
}
