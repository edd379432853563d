namespace TypedShm.Tests;

/// <summary>
/// A test that shares memory: it starts peers, and after it, with everything of its own disposed, this process has to
/// hold the descriptors, mappings and threads that it held before.
/// </summary>
public abstract class SharingTest(ITestOutputHelper output) : IAsyncLifetime
{
    private static bool s_isWarm;

    private readonly List<Peer> _peers = [];
    private ResourceCount _before = null!;

    /// <summary>The program of the other process, see the project TestPeer.</summary>
    protected static string TestPeerProgram { get; } = Path.Combine(AppContext.BaseDirectory, "TestPeer.dll");

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
    protected static string NewName(string name = "engine") => NamesDirectory.NewName(name);

    /// <summary>Starts another process.</summary>
    private protected Peer StartPeer(params (string Name, string? Value)[] environment)
    {
        Peer peer = Peer.Start(TestPeerProgram, [], environment);
        _peers.Add(peer);
        return peer;
    }

    /// <summary>Starts another process by way of a program that changes what it sees, and kills it when it ends itself.</summary>
    private protected Peer StartPeerBy(params string[] launcher) => StartPeerAs([.. launcher, Peer.DotNet, TestPeerProgram]);

    /// <summary>Starts another process by a command of the test's own, and kills it when it ends itself.</summary>
    private protected Peer StartPeerAs(string[] command)
    {
        Peer peer = Peer.Start(command);
        _peers.Add(peer);
        return peer;
    }

    /// <summary>Waits for something that another thread or process does.</summary>
    protected static Task Until(Func<bool> condition, string what) => TestKit.Until.Holds(condition, what);

    /// <summary>Waits for a task, but not for ever.</summary>
    protected static Task<T> Soon<T>(Task<T> task) => TestKit.Until.Soon(task);

    /// <inheritdoc cref="Soon{T}"/>
    protected static Task Soon(Task task) => TestKit.Until.Soon(task);

    // What the runtime opens at first use and keeps (its epoll, its handling of signals) is there before the first count.
    private static async Task WarmUp()
    {
        if (s_isWarm)
            return;
        s_isWarm = true;
        string name = NewName("warm-up");
        ResourceCount before = ResourceCount.Now();
        using (Peer peer = Peer.Start(TestPeerProgram, []))
        using (SharedStruct.Create<Telemetry>(name))
        {
            peer.Ask($"open {name}");
            using SharedStructReader<Telemetry> reader = await SharedStruct.OpenAsync<Telemetry>(name);
            Assert.Equal(0, reader.Read().Tick);
        }

        await Until(() => ResourceCount.Now().Mappings == before.Mappings, "the mappings of the first channel are gone");
    }
}
