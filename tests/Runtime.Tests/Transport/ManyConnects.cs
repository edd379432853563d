using System.Globalization;

namespace TypedShm.Tests.Transport;

/// <summary>Processes that connect many times, and end on purpose or by SIGKILL, also while they connect.</summary>
public sealed class ManyConnects(ITestOutputHelper output) : SharingTest(output)
{
    private const int Each = 50;

    private readonly Random _random = new(11);

    /// <summary>How often they connect; <c>TYPEDSHM_CONNECTS</c> asks for more.</summary>
    private static int Connects =>
        int.Parse(Environment.GetEnvironmentVariable("TYPEDSHM_CONNECTS") ?? "200", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Nothing_is_left_of_them()
    {
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        await Come(name, shared, isKilled: false);
        await Come(name, shared, isKilled: true);
        ResourceCount before = ResourceCount.Now();
        int mappings = CountMappings();
        string[] files = [.. Directory.GetFiles(NamesDirectory.Path).Order()];

        for (int i = 0; i < Connects / Each; i++)
            await Come(name, shared, isKilled: i % 2 == 1);

        await before.Returns();
        Assert.Equal(files, Directory.GetFiles(NamesDirectory.Path).Order());

        // Whatever was retired lies in few mappings; the runtime has its own.
        Assert.InRange(CountMappings(), 0, mappings + 50);

        static int CountMappings() => File.ReadLines("/proc/self/maps").Count();
    }

    private async Task Come(string name, SharedStructWriter<Telemetry> shared, bool isKilled)
    {
        using Peer peer = Peer.Start(TestPeerProgram, []);
        Task<string> opening = peer.Begin($"open-many {name} {Each}");
        if (isKilled)
        {
            int enough = _random.Next(Each);
            await Until(() => shared.Peers.Count >= enough, $"{enough} are connected");
            peer.Kill();
            await opening.ContinueWith(static _ => { }, TaskScheduler.Default);
        }
        else
        {
            Assert.Equal($"{Each} are open", await Soon(opening));
            Assert.Equal(Each, shared.Peers.Count);
            peer.Ask("dispose");
        }

        await Until(() => shared.Peers.Count == 0, "all have left");
    }
}
