namespace TypedShm.Tests.Struct;

/// <summary>Signal and wait, between processes and within one.</summary>
public sealed class Waiting(ITestOutputHelper output) : SharingTest(output)
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(10);

    [Theory]
    [InlineData("wait")]
    [InlineData("wait-async")]
    public async Task A_signal_ends_the_wait_of_a_peer(string wait)
    {
        Peer peer = StartPeer();
        string name = NewName();
        using SharedStructWriter<Telemetry> shared = SharedStruct.Create<Telemetry>(name);
        peer.Ask($"open {name}");

        for (long i = 1; i <= 20; i++)
        {
            Task<string> waiting = peer.Begin(wait);
            shared.Value = Telemetry.Of(i);
            shared.Signal();
            Assert.Equal("signalled", await Soon(waiting));
            Assert.Equal($"{i}", peer.Ask("read"));
        }
    }

    [Fact]
    public void A_signal_that_was_given_before_the_wait_ends_it_at_once()
    {
        Peer creator = StartPeer();
        string name = NewName();
        creator.Ask($"create {name}");
        using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(name);

        creator.Ask("signal 3");

        Assert.True(reader.TryWait(Peer.Patience));
        Assert.False(reader.TryWait(s_moment));
    }

    [Fact]
    public void What_was_signalled_before_the_struct_was_opened_is_no_news()
    {
        Peer creator = StartPeer();
        string name = NewName();
        creator.Ask($"create {name}");
        creator.Ask("signal 3");

        using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(name);

        Assert.False(reader.TryWait(s_moment));
        Assert.False(reader.TryWait(TimeSpan.Zero));
    }

    [Fact]
    public async Task A_writer_that_is_not_the_creator_signals_to_everyone()
    {
        Peer writer = StartPeer();
        Peer reader = StartPeer();
        string name = NewName();
        using SharedStructWriter<Telemetry> creator =
            SharedStruct.Create<Telemetry>(name, new SharedStructOptions { AllowPeersToWrite = true });
        writer.Ask($"open-writable {name}");
        reader.Ask($"open {name}");
        Task<string> elsewhere = reader.Begin("wait");
        Task<bool> here = creator.TryWaitAsync(Peer.Patience).AsTask();

        // One that comes before a waiter has begun is news to it all the same.
        writer.Ask("signal");

        Assert.Equal("signalled", await Soon(elsewhere));
        Assert.True(await Soon(here));
        Assert.Equal("signalled", writer.Ask("wait"));
        writer.Ask("signal");
        Assert.True(creator.TryWait(Peer.Patience));
    }

    [Fact]
    public async Task Threads_and_tasks_that_wait_for_the_same_signal_all_return()
    {
        const int Threads = 4;
        (SharedStructWriter<Telemetry> owner, SharedStructReader<Telemetry> reader) = SharedStruct.CreatePair<Telemetry>();
        using (owner)
        using (reader)
        using (CountdownEvent ready = new(Threads))
        {
            Task<bool>[] tasks = [.. Enumerable.Range(0, Threads).Select(_ => reader.TryWaitAsync(Peer.Patience).AsTask())];
            Task<bool>[] threads = [.. Enumerable.Range(0, Threads).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    ready.Signal();
                    return reader.TryWait(Peer.Patience);
                },
                TaskCreationOptions.LongRunning))];
            ready.Wait();

            // Signals go on until everyone has returned, since one that a thread has not begun to wait for is not for it.
            Task<bool[]> all = Task.WhenAll(tasks.Concat(threads));
            while (!all.IsCompleted)
            {
                owner.Signal();
                await Task.WhenAny(all, Task.Delay(1));
            }

            Assert.DoesNotContain(false, await all);
        }
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        (SharedStructWriter<Telemetry> owner, SharedStructReader<Telemetry> reader) = SharedStruct.CreatePair<Telemetry>();
        using (owner)
        using (reader)
        using (CancellationTokenSource cancel = new())
        {
            Task[] waits =
            [
                Task.Run(() => reader.Wait(cancel.Token)),
                reader.WaitAsync(cancel.Token).AsTask(),
                Task.Run(() => owner.Wait(cancel.Token)),
                owner.WaitAsync(cancel.Token).AsTask(),
            ];

            await cancel.CancelAsync();

            foreach (Task wait in waits)
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(wait));
        }
    }

    [Fact]
    public async Task Dispose_ends_every_wait_of_either_end()
    {
        (SharedStructWriter<Telemetry> owner, SharedStructReader<Telemetry> reader) = SharedStruct.CreatePair<Telemetry>();
        Task[] readers = [Task.Run(() => reader.Wait()), Task.Run(() => reader.Wait()), reader.WaitAsync().AsTask(),
            reader.WaitAsync().AsTask()];
        Task[] owners = [Task.Run(() => owner.Wait()), owner.WaitAsync().AsTask()];

        reader.Dispose();
        foreach (Task wait in readers)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => Soon(wait));
        owner.Dispose();
        foreach (Task wait in owners)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => Soon(wait));
    }

    [Theory]
    [InlineData("echo")]
    [InlineData("echo-async")]
    public async Task Two_processes_that_wait_for_each_other_never_miss_a_signal(string echo)
    {
        const int Rounds = 3_000;
        Peer peer = StartPeer();
        string question = NewName("question");
        string answer = NewName("answer");
        SharedStructWriter<Telemetry> ours = SharedStruct.Create<Telemetry>(question);
        Task<string> echoing = peer.Begin($"{echo} {question} {answer} {Rounds}");
        using SharedStructReader<Telemetry> theirs = SharedStruct.Open<Telemetry>(answer);
        for (long i = 1; i <= Rounds; i++)
        {
            Volatile.Write(ref ours.Value.Tick, i);
            ours.Signal();
            while (Volatile.Read(in theirs.Value.Tick) < i)
                Assert.True(theirs.TryWait(Peer.Patience));
        }

        ours.Dispose();
        Assert.Equal($"{Rounds} answered", await Soon(echoing));
    }

    [Fact]
    public async Task A_token_that_is_cancelled_already_ends_a_wait_although_there_is_something_new()
    {
        (SharedStructWriter<Telemetry> owner, SharedStructReader<Telemetry> reader) = SharedStruct.CreatePair<Telemetry>();
        using (owner)
        using (reader)
        {
            owner.Signal();
            CancellationToken cancelled = new(canceled: true);
            Assert.ThrowsAny<OperationCanceledException>(() => reader.Wait(cancelled));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reader.WaitAsync(cancelled));
            Assert.True(reader.TryWait(TimeSpan.Zero));
        }
    }

    [Fact]
    public async Task A_storm_of_signals_and_of_child_processes_loses_nothing()
    {
        // Child processes, since their end interrupts system calls: the runtime handles SIGCHLD once it has started one.
        const int Signals = 20_000;
        Peer creator = StartPeer();
        string name = NewName();
        creator.Ask($"create {name}");
        using SharedStructReader<Telemetry> reader = SharedStruct.Open<Telemetry>(name);
        using CancellationTokenSource over = new();
        int woken = 0;
        Task waiting = Task.Factory.StartNew(
            () =>
            {
                while (Volatile.Read(in reader.Value.Tick) != 1)
                {
                    if (reader.TryWait(Peer.Patience))
                        woken++;
                }
            },
            TaskCreationOptions.LongRunning);

        Task<string> storm = creator.Begin($"signal {Signals}");
        for (int i = 0; i < 20; i++)
        {
            using System.Diagnostics.Process child = System.Diagnostics.Process.Start("true");
            await child.WaitForExitAsync();
        }

        await Soon(storm);
        creator.Ask("write 1");
        creator.Ask("signal");
        await Soon(waiting);
        Output.WriteLine($"{woken} waits for {Signals} signals");
    }
}
