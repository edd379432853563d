using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace TypedShm.Tests.Struct;

/// <summary>Dispose, what outlives it, and what is never disposed.</summary>
public sealed class Lifetimes(ITestOutputHelper output) : SharingTest(output)
{
    [Fact]
    public void A_reference_kept_across_Dispose_reads_zeros_and_harms_nobody()
    {
        // Two references that read zeros; what is written to the writable one is seen through it alone.
        Assert.Equal("0 0 8 0", StartPeer().Ask("outlive dispose"));
    }

    [Fact]
    public void A_reference_whose_owner_was_dropped_stays_what_it_is() =>
        Assert.Equal("9 9", StartPeer().Ask("outlive owner"));

    /// <summary>The negative control: a mapping that is really gone ends the process.</summary>
    [Fact]
    public void A_reference_into_a_mapping_that_is_gone_ends_the_process()
    {
        Peer peer = StartPeer();

        Assert.Throws<InvalidOperationException>(() => peer.Ask("outlive unmapping"));

        Assert.Equal(128 + 6, peer.Exit());
    }

    [Fact]
    public void Everything_throws_after_Dispose()
    {
        (SharedStructWriter<Telemetry> owner, SharedStructReader<Telemetry> reader) = SharedStruct.CreatePair<Telemetry>();
        reader.Dispose();
        owner.Dispose();

        Assert.Throws<ObjectDisposedException>(() => reader.Value.Tick);
        Assert.Throws<ObjectDisposedException>(() => reader.Read());
        Assert.Throws<ObjectDisposedException>(() => reader.TryWait(TimeSpan.Zero));
        Assert.Throws<ObjectDisposedException>(() => reader.Region.Address);
        Assert.Throws<ObjectDisposedException>(() => reader.Region.Bytes.Length);
        Assert.Throws<ObjectDisposedException>(() => owner.Value.Tick);
        Assert.Throws<ObjectDisposedException>(() => owner.View.Tick);
        Assert.Throws<ObjectDisposedException>(() => owner.Read());
        Assert.Throws<ObjectDisposedException>(owner.Signal);
        Assert.Throws<ObjectDisposedException>(() => owner.TryWait(TimeSpan.Zero));
        Assert.Equal(ConnectionState.Disposed, owner.State);
        Assert.Equal(ConnectionState.Disposed, reader.State);
        Assert.Empty(owner.Peers);
        Assert.Empty(reader.Peers);
    }

    [Fact]
    public async Task Dispose_may_be_called_often_and_by_many_at_once()
    {
        string name = NewName();
        for (int round = 0; round < 50; round++)
        {
            SharedStructWriter<Telemetry> creator =
                SharedStruct.Create<Telemetry>(name, new SharedStructOptions { AllowPeersToWrite = true });
            SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(name);
            SharedStructWriter<Telemetry> writer = SharedStruct.OpenReadWrite<Telemetry>(name);
            using Barrier start = new(6);
            IDisposable[] ends = [creator, creator, reader, reader, writer, writer];
            await Soon(Task.WhenAll(ends.Select(end => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    end.Dispose();
                    end.Dispose();
                },
                TaskCreationOptions.LongRunning))));
        }
    }

    /// <summary>Whoever reads or waits while another disposes gets a value that was written, or is told; nothing else happens.</summary>
    [Fact]
    public async Task Ten_thousand_times_eight_threads_read_and_wait_while_another_disposes()
    {
        const int Rounds = 10_000;
        const int Readers = 8;
        SharedStructWriter<Telemetry> owner = null!;
        SharedStructReader<Telemetry> reader = null!;
        long reads = 0;
        long disposals = 0;
        ConcurrentQueue<Exception> unexpected = [];
        using Barrier barrier = new(Readers + 1);
        Task[] threads = [.. Enumerable.Range(0, Readers)
            .Select(i => Task.Factory.StartNew(() => Use(i), TaskCreationOptions.LongRunning))];
        for (int round = 1; round <= Rounds; round++)
        {
            (owner, reader) = SharedStruct.CreatePair<Telemetry>();
            owner.Value = Telemetry.Of(round);
            barrier.SignalAndWait();

            // At another moment in each round, from at once to after some dozens of reads.
            Thread.SpinWait(round % 97);
            if (round % 3 == 0)
                owner.Dispose();
            reader.Dispose();
            owner.Dispose();
            barrier.SignalAndWait();
        }

        await Soon(Task.WhenAll(threads));
        Assert.Empty(unexpected);
        Output.WriteLine($"{reads} reads of a value, {disposals} times ObjectDisposedException");

        void Use(int thread)
        {
            for (int round = 1; round <= Rounds; round++)
            {
                barrier.SignalAndWait();
                SharedStructReader<Telemetry> end = reader;
                SharedStructWriter<Telemetry> other = owner;
                try
                {
                    while (true)
                        Once(thread, end, other, round);
                }
                catch (ObjectDisposedException)
                {
                    Interlocked.Increment(ref disposals);
                }
                catch (PeerGoneException) when (thread is 4 or 5)
                {
                    // The owner was disposed first.
                }
                catch (Exception error)
                {
                    unexpected.Enqueue(error);
                }
                finally
                {
                    barrier.SignalAndWait();
                }
            }
        }

        void Once(int thread, SharedStructReader<Telemetry> end, SharedStructWriter<Telemetry> other, int round)
        {
            switch (thread)
            {
                case < 3:
                    Telemetry copy = end.Read();
                    if (copy.Tick != round || copy.Samples[7] != round * 8L)
                        throw new InvalidDataException($"read {copy.Describe()} in round {round}");
                    break;
                case 3:
                    copy = other.Read();
                    if (copy.Tick != round || copy.Samples[7] != round * 8L)
                        throw new InvalidDataException($"the owner read {copy.Describe()} in round {round}");
                    break;
                case 4:
                    end.Wait();
                    break;
                case 5:
                    end.WaitAsync().AsTask().GetAwaiter().GetResult();
                    break;
                case 6:
                    other.Signal();
                    break;
                default:
                    other.Wait();
                    break;
            }

            if (thread < 4)
                Interlocked.Increment(ref reads);
        }
    }

    [Fact]
    public void What_is_waited_for_on_zero_pages_is_looked_at_again()
    {
        // A wait that began before Dispose reaches the futex after it, when zero pages stand in for the word. The kernel
        // has no futex on such a page, which must not look like a failure.
        (SharedStructWriter<Telemetry> owner, SharedStructReader<Telemetry> reader) = SharedStruct.CreatePair<Telemetry>();
        ref readonly Telemetry stale = ref reader.Value;
        reader.Dispose();
        owner.Dispose();

        unsafe
        {
            fixed (long* word = &stale.Tick)
                Native.FutexWait((uint*)word, 0, Native.MonotonicNanoseconds);
        }
    }

    [Fact]
    public void A_creation_that_fails_leaves_nothing_behind()
    {
        string name = NewName();
        using SharedStructWriter<Telemetry> holder = SharedStruct.Create<Telemetry>(name);
        for (int i = 0; i < 20; i++)
            Assert.Throws<EndpointInUseException>(
                () => SharedStruct.Create<Telemetry>(name, new SharedStructOptions { AllowPeersToWrite = true }));
        Assert.Throws<SharedMemoryException>(() => SharedStruct.Create<Telemetry>("/proc/engine/in/no/directory"));
    }

    [Fact]
    public void No_writer_that_was_disposed_is_kept_alive()
    {
        WeakReference dropped = CreateAndDispose();

        // Once, since what is on the stack of this method is not its.
        for (int i = 0; i < 10 && dropped.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(dropped.IsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference CreateAndDispose()
    {
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(NewName());
        return new WeakReference(shared);
    }
}
