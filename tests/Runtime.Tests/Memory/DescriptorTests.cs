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
}
