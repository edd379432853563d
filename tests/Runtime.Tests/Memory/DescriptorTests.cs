using System.Globalization;

namespace TypedShm.Tests.Memory;

/// <summary>The number of a descriptor that is closed belongs to another file at once: nothing may be done with that one.</summary>
public sealed class DescriptorTests(ITestOutputHelper output) : SharingTest(output)
{
    private const int Rounds = 20;

    // More than there are cores, so that some are interrupted where it hurts.
    private const int Senders = 4;

    /// <summary>What is sent to a peer is the region or nothing, even if its owner disposes it at that moment.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_is_never_sent_another_file(bool writable)
    {
        string secret = Path.GetTempFileName();
        for (int i = 0; i < Rounds; i++)
        {
            SharedRegion region = SharedRegion.Create("typedshm:race", RegionKind.Control, default, null, ControlWords.Length, 0, 0);
            using SemaphoreSlim sending = new(0);
            List<SafeDescriptor> wrong = [];
            Thread[] senders = [.. Enumerable.Range(0, Senders).Select(_ => new Thread(Send))];
            foreach (Thread sender in senders)
                sender.Start();
            for (int started = 0; started < Senders; started++)
                await sending.WaitAsync();

            // Takes the numbers that become free.
            region.Dispose();
            SafeDescriptor[] opened = [.. Enumerable.Range(0, 2 * Senders).Select(_ => Forgery.Open(secret))];

            foreach (Thread sender in senders)
                sender.Join();
            Array.ForEach(opened, file => file.Dispose());
            wrong.ForEach(file => file.Dispose());
            Assert.Empty(wrong);

            void Send()
            {
                bool first = true;
                try
                {
                    while (true)
                    {
                        SafeDescriptor sent = region.DescriptorForPeer(writable);
                        if (Native.GetSeals(sent) >= 0)
                        {
                            sent.Dispose();
                        }
                        else
                        {
                            lock (wrong)
                                wrong.Add(sent);
                        }

                        if (first)
                            sending.Release();
                        first = false;
                    }
                }
                catch (ObjectDisposedException)
                {
                    // That is how it ends.
                }
            }
        }

        File.Delete(secret);
    }

    [Fact]
    public void Who_has_no_descriptor_left_is_told_how_many_there_are()
    {
        Peer peer = StartPeer();
        peer.Ask("queue 65536");
        peer.Ask("exhaust-descriptors");
        string message = peer.AskInVain("queue 65536");
        peer.Ask("release-descriptors");

        Assert.StartsWith("SystemCallException: memfd_create failed", message, StringComparison.Ordinal);
        Assert.Matches(@"This process has used up its file descriptors \([\d,]+ of [\d,]+\)", message);
        Assert.Equal("ready", peer.Ask("queue 65536"));
    }

    /// <summary>A connection needs several while it is made: whichever is missing, the one who opens is told so.</summary>
    [Fact]
    public async Task Who_has_too_few_descriptors_to_open_a_channel_is_told_and_keeps_none()
    {
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);

        // The runtime ends a process in which it cannot start the thread that compiles in the background.
        Peer peer = StartPeer(("DOTNET_TieredCompilation", "0"));
        peer.Ask($"create {name}-other");
        peer.Ask($"open {name}");
        peer.Ask("dispose");
        peer.Ask($"create {name}-other");
        int before = Descriptors(peer);
        int refused = 0;
        while (true)
        {
            peer.Ask($"exhaust-descriptors {refused}");
            peer.Tell($"open {name}");
            string answer = (await peer.ReadAsync())!;
            peer.Ask("release-descriptors");
            if (answer == "= ready")
                break;

            refused++;
            Output.WriteLine(answer);
            Assert.StartsWith("! SystemCallException", answer, StringComparison.Ordinal);
            Assert.Matches(@"has used up its file descriptors", answer);

            // What may take long to close is closed on a thread of its own.
            await Until(() => Descriptors(peer) <= before, "all are closed that were there for it");
        }

        Assert.InRange(refused, 1, 9);
        await Until(() => shared.Peers.Count == 1, "nobody but the last one is there");
    }

    [Fact]
    public void Who_has_no_descriptor_left_connects_again_when_there_are_some()
    {
        string name = NewName();
        SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        Peer peer = StartPeer(("DOTNET_TieredCompilation", "0"));
        peer.Ask($"open-reconnecting {name}");
        peer.Ask("exhaust-descriptors");

        shared.Dispose();
        peer.Ask("await-state Closed");
        using SharedStructWriter<Telemetry> next = SharedStruct.Create<Telemetry>(name);
        peer.Ask("release-descriptors");
        peer.Ask("await-state Connected");
    }

    private static int Descriptors(Peer peer) => int.Parse(peer.Ask("descriptors"), CultureInfo.InvariantCulture);
}
