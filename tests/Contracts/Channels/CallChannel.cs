using System.Runtime.CompilerServices;

namespace TypedShm.Contracts.Channels;

/// <summary>Calls: a request is what is sent, a server receives it.</summary>
public sealed class CallChannel : Channel
{
    private static readonly SharedCallOptions s_options = new() { Capacity = 16, PayloadCapacity = 32 };

    // A server has no wait of its own but to serve, and a set of waits says only that it has something to say.
    private readonly ConditionalWeakTable<IDisposable, Queue<long>> _served = [];

    public override bool OwnerWrites => false;

    public override IDisposable Create(string name, Limits limits) => SharedCall.Create<Note, Note>(name, limits.In(s_options));

    public override IDisposable Open(string name, OpenOptions options, CancellationToken cancellationToken = default) =>
        SharedCall.Open<Note, Note>(name, options, cancellationToken);

    public override async Task<IDisposable> OpenAsync(string name, OpenOptions options, CancellationToken cancellationToken = default) =>
        await SharedCall.OpenAsync<Note, Note>(name, options, cancellationToken);

    public override IDisposable OpenAnother(string name, OpenOptions options) => SharedCall.Open<AnotherNote, Note>(name, options);

    public override (IDisposable Owner, IDisposable Client) Pair() =>
        SharedCall.CreatePair<Note, Note>(s_options with { Capacity = PairCapacity });

    // Nobody asks what became of the call.
    public override void Send(IDisposable writer, long number) =>
        _ = ((SharedCallClient<Note, Note>)writer).CallAsync(Note.Of(number)).AsTask()
            .ContinueWith(static call => call.Exception, TaskScheduler.Default);

    public override long Receive(IDisposable reader)
    {
        Queue<long> served = _served.GetOrCreateValue(reader);
        Serve((SharedCallServer<Note, Note>)reader, served);
        return served.TryDequeue(out long number) ? number : 0;
    }

    public override async Task WaitAsync(IDisposable reader, CancellationToken cancellationToken = default)
    {
        SharedCallServer<Note, Note> server = (SharedCallServer<Note, Note>)reader;
        await new SharedWaitSet(server).WaitAnyAsync(cancellationToken);
        Serve(server, _served.GetOrCreateValue(reader));
    }

    public override void Wait(IDisposable reader, CancellationToken cancellationToken = default)
    {
        SharedCallServer<Note, Note> server = (SharedCallServer<Note, Note>)reader;
        new SharedWaitSet(server).WaitAny(cancellationToken);
        Serve(server, _served.GetOrCreateValue(reader));
    }

    private static void Serve(SharedCallServer<Note, Note> server, Queue<long> served) => server.TryServe(call =>
    {
        served.Enqueue(call.Request.Number);
        call.Response = Note.Of(call.Request.Number);
    });
}
