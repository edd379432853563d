namespace TypedShm.Contracts.Channels;

/// <summary>Calls: a request is what is sent, a server receives it.</summary>
public sealed class CallChannel : Channel
{
    private static readonly SharedCallOptions s_options = new() { Capacity = 16, PayloadCapacity = 32 };

    public override bool OwnerWrites => false;

    public override IDisposable Create(string name, Limits limits) => SharedCall.Create<Note, Note>(name, limits.In(s_options));

    public override IDisposable Open(string name, OpenOptions options, CancellationToken cancellationToken = default) =>
        SharedCall.Open<Note, Note>(name, options, cancellationToken);

    public override async Task<IDisposable> OpenAsync(string name, OpenOptions options, CancellationToken cancellationToken = default) =>
        await SharedCall.OpenAsync<Note, Note>(name, options, cancellationToken);

    public override IDisposable OpenAnother(string name, OpenOptions options) => SharedCall.Open<AnotherNote, Note>(name, options);

    public override (IDisposable Owner, IDisposable Client) Pair() => SharedCall.CreatePair<Note, Note>(s_options);

    // Nobody asks what became of the call.
    public override void Send(IDisposable writer, long number) =>
        _ = ((SharedCallClient<Note, Note>)writer).CallAsync(Note.Of(number)).AsTask()
            .ContinueWith(static call => call.Exception, TaskScheduler.Default);

    public override long Receive(IDisposable reader)
    {
        long number = 0;
        ((SharedCallServer<Note, Note>)reader).TryServe(call =>
        {
            number = call.Request.Number;
            call.Response = Note.Of(number);
        });
        return number;
    }

    public override async Task WaitAsync(IDisposable reader, CancellationToken cancellationToken = default) =>
        await new SharedWaitSet((SharedCallServer<Note, Note>)reader).WaitAnyAsync(cancellationToken);

    public override void Wait(IDisposable reader, CancellationToken cancellationToken = default) =>
        new SharedWaitSet((SharedCallServer<Note, Note>)reader).WaitAny(cancellationToken);
}
