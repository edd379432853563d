using System.Diagnostics;

namespace TypedShm.Tests.Memory;

/// <summary>The number of a descriptor that is closed at the same time belongs to another file at once: nothing may be done with that
/// one.</summary>
public sealed class DescriptorTests(ITestOutputHelper output) : SharingTest(output)
{
    /// <summary>What is sent to a peer is the region or nothing, even if its owner disposes it at that moment.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_is_never_sent_another_file(bool writable)
    {
        string secret = Path.GetTempFileName();
        using CancellationTokenSource over = new();
        Task opener = Task.Run(() => OpenAndClose(secret, over.Token));
        try
        {
            await Task.Run(() => Race(writable));
        }
        finally
        {
            await over.CancelAsync();
            await opener;
            File.Delete(secret);
        }
    }

    private static void Race(bool writable)
    {
        Stopwatch clock = Stopwatch.StartNew();
        for (int i = 0; i < 3000 && clock.Elapsed < TimeSpan.FromSeconds(20); i++)
        {
            SharedRegion region = SharedRegion.Create("typedshm:race", RegionKind.Control, default, null, ControlWords.Length, 0, 0);
            using Barrier barrier = new(2);
            int delay = i % 300;
            Task dispose = Task.Run(() =>
            {
                barrier.SignalAndWait();
                Thread.SpinWait(delay);
                region.Dispose();
            });
            barrier.SignalAndWait();
            try
            {
                using SafeDescriptor sent = region.DescriptorForPeer(writable);
                Assert.NotEqual(-1, Native.GetSeals(sent));
                Assert.Equal(region.Size, Native.FileStatus(sent).Size);
            }
            catch (ObjectDisposedException)
            {
                // That is how it has to end, if it is too late.
            }

            dispose.Wait();
        }
    }

    // Takes each number that becomes free.
    private static void OpenAndClose(string secret, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            using SafeDescriptor file = Forgery.Open(secret);
        }
    }
}
