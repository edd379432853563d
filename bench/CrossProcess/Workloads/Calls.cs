namespace TypedShm.CrossProcess.Workloads;

/// <summary>A call of a server that answers with the request, 56 bytes each, spinning.</summary>
internal sealed class Calls(string name, int count) : Workload(name)
{
    private SharedCallClient<Message56, Message56>? _client;
    private SharedCallServer<Message56, Message56>? _server;
    private long _number;
    private long _last;

    public override void OpenMain() => _client = SharedCall.Open<Message56, Message56>(Name, Options.Open(WaitMode.Spin));

    public override void OpenPeer() =>
        _server = SharedCall.Create<Message56, Message56>(Name, new SharedCallOptions { Wait = WaitMode.Spin });

    public override Run RunMain()
    {
        for (int i = 0; i < count / 10; i += Chunk)
            Ask(_client!);
        long start = _last = Now();
        for (int i = 0; i < count; i += Chunk)
            Ask(_client!);
        return new Run(start, Now(), count);
    }

    public override Run RunPeer()
    {
        for (int i = 0; i < count + (count / 10); i += Chunk)
            Answer(_server!);
        return new Run(0, Now(), count);
    }

    public override void Dispose()
    {
        _client?.Dispose();
        _server?.Dispose();
    }

    private void Ask(SharedCallClient<Message56, Message56> client)
    {
        Message56 request = default;
        for (int i = 0; i < Chunk; i++)
        {
            request.Number = ++_number;
            Check(client.Call(in request).Number, _number);
            Record(ref _last);
        }
    }

    private static void Answer(SharedCallServer<Message56, Message56> server)
    {
        for (int i = 0; i < Chunk; i++)
        {
            while (!server.TryServe(static call => call.Response = call.Request, Timeout.InfiniteTimeSpan))
            {
            }
        }
    }
}
