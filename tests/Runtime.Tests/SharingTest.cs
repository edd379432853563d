namespace TypedShm.Tests;

/// <summary>
/// A test that shares memory: it starts peers, and after it, with everything of its own disposed, this process has to
/// hold the descriptors, mappings and threads that it held before.
/// </summary>
public abstract class SharingTest(ITestOutputHelper output) : IAsyncLifetime
{
    private static int s_names;
    private static bool s_isWarm;

    private readonly List<Peer> _peers = [];
    private ResourceCount _before = null!;

    protected ITestOutputHelper Output => output;

    public virtual async Task InitializeAsync()
    {
        await WarmUp();
        _before = ResourceCount.Now();
    }

    public virtual async Task DisposeAsync()
    {
        _peers.ForEach(peer => peer.Dispose());
        await _before.Returns();
    }

    /// <summary>A name that no other test uses.</summary>
    protected static string NewName(string name = "engine") => $"{name}-{Interlocked.Increment(ref s_names)}";

    /// <summary>Starts another process.</summary>
    private protected Peer StartPeer(params (string Name, string? Value)[] environment)
    {
        Peer peer = Peer.Start([], environment);
        _peers.Add(peer);
        return peer;
    }

    /// <summary>Waits for something that another thread or process does.</summary>
    protected static async Task Until(Func<bool> condition, string what)
    {
        Deadline deadline = Deadline.After(Peer.Patience);
        while (!condition())
        {
            if (deadline.IsOver)
                throw new TimeoutException($"It did not happen within {Peer.Patience.TotalSeconds} s: {what}.");
            await Task.Delay(1);
        }
    }

    /// <summary>Waits for a task, but not for ever.</summary>
    protected static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(Peer.Patience);

    /// <inheritdoc cref="Soon{T}"/>
    protected static Task Soon(Task task) => task.WaitAsync(Peer.Patience);

    // What the runtime opens at first use and keeps (its epoll, its handling of signals) is there before the first count.
    private static async Task WarmUp()
    {
        if (s_isWarm)
            return;
        s_isWarm = true;
        string name = NewName("warm-up");
        ResourceCount before = ResourceCount.Now();
        using (Peer peer = Peer.Start([], []))
        using (SharedStruct.Create<Telemetry>(name))
        {
            peer.Ask($"open {name}");
            using SharedStructReader<Telemetry> reader = await SharedStruct.OpenAsync<Telemetry>(name);
            Assert.Equal(0, reader.Read().Tick);
        }

        await Until(() => ResourceCount.Now().Mappings == before.Mappings, "the mappings of the first channel are gone");
    }
}
