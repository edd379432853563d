using TypedShm.Contracts.Channels;

namespace TypedShm.Contracts;

/// <summary>What writes.</summary>
public abstract class WriterContract<TChannel> : ContractTest<TChannel>
    where TChannel : Channel, new()
{
    private readonly string _name = NamesDirectory.NewName();

    [Fact]
    public async Task What_is_sent_to_another_process_arrives()
    {
        Peer peer = Channel.OwnerWrites ? null! : Start("create", _name);
        using IDisposable end = Channel.OwnerWrites ? Channel.Create(_name, new()) : await Channel.OpenAsync(_name, Patient);
        peer ??= Start("open", _name);
        peer.Expect("open");
        for (int round = 1; round <= 20; round++)
        {
            Channel.Send(end, round);
            peer.Tell($"receive {round}");
            peer.Expect($"receive {round}");
        }

        peer.Dispose();
    }

    [Fact]
    public async Task A_reader_that_goes_at_any_moment_costs_an_owner_that_writes_nothing()
    {
        if (!Channel.OwnerWrites)
            return;
        const int Readers = 20;
        int owners = Channel.TakesOneClient ? Readers : 1;
        for (int i = 0; i < owners; i++)
            await WriteWhileReadersGo(Readers / owners);
    }

    [Fact]
    public async Task Whatever_can_be_cancelled_is_cancelled_or_was_not_waiting()
    {
        using IDisposable owner = Channel.Create(_name, new());
        using IDisposable client = await Channel.OpenAsync(_name, Patient);
        await Connected(owner, 1);
        IDisposable writer = Directed(owner, client).Writer;
        foreach (Member member in Member.Of(writer.GetType()).Where(member => member.TakesToken))
        {
            using CancellationTokenSource cancel = new(TimeSpan.FromMilliseconds(50));
            try
            {
                // Without its reader's help it is done at once, or ends when it is told to.
                object? answer = await Until.Soon(Task.Run(() => member.Call(writer, cancel.Token)));
                (answer as IDisposable)?.Dispose();
            }
            catch (OperationCanceledException)
            {
                // As it should be.
            }
            catch (InvalidOperationException)
            {
                // A claim that this test has left open stands in the way.
            }
        }
    }

    private async Task WriteWhileReadersGo(int readers)
    {
        using IDisposable owner = Channel.Create(_name, new());
        ResourceCount before = ResourceCount.Now();
        using CancellationTokenSource stop = new();
        long number = 0;
        Task writing = OnThread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    Channel.Send(owner, ++number);
                }
                catch (PeerGoneException) when (Channel.TakesOneClient)
                {
                    // There will be no other.
                    return;
                }
            }
        });
        for (int round = 0; round < readers; round++)
        {
            using IDisposable client = await Channel.OpenAsync(_name, Patient);
            for (int i = 0; i < 50; i++)
                Channel.Receive(client);
        }

        stop.Cancel();
        await Until.Soon(writing);
        await Connected(owner, 0);
        await before.Returns();
    }
}
