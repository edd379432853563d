using TypedShm.Contracts.Channels;

namespace TypedShm.Contracts;

/// <summary>Handlers, which work in the memory of a client.</summary>
public sealed class CallHandlers : ContractTest<CallChannel>
{
    private readonly string _name = NamesDirectory.NewName();

    [Fact]
    public async Task The_lanes_of_a_client_go_when_the_handler_is_done_that_outlives_it()
    {
        using SharedCallServer<Note, Note> server = SharedCall.Create<Note, Note>(_name);
        ResourceCount before = ResourceCount.Now();
        IDisposable client = Channel.Open(_name, Patient);
        Channel.Send(client, 1);
        using ManualResetEventSlim isIn = new();
        using ManualResetEventSlim goOn = new();
        Task serving = OnThread(() =>
        {
            while (!server.TryServe(_ => Wait()))
                Thread.Yield();
        });
        await Until.Holds(() => isIn.IsSet);

        client.Dispose();
        await Connected(server, 0);
        goOn.Set();
        await Until.Soon(serving);

        await before.Returns("the handler");

        void Wait()
        {
            isIn.Set();
            goOn.Wait();
        }
    }
}
