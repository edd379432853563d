namespace TypedShm.Contracts.Channels;

public sealed class StructChannel : Channel
{
    // SharedStructReader.Region has one, for native code.
    public override int ClientDescriptors => 2;

    public override IDisposable Create(string name, Limits limits) => SharedStruct.Create<Note>(name, limits.In(new SharedStructOptions()));

    public override IDisposable Open(string name, OpenOptions options, CancellationToken cancellationToken = default) =>
        SharedStruct.Open<Note>(name, options, cancellationToken);

    public override async Task<IDisposable> OpenAsync(string name, OpenOptions options, CancellationToken cancellationToken = default) =>
        await SharedStruct.OpenAsync<Note>(name, options, cancellationToken);

    public override IDisposable OpenAnother(string name, OpenOptions options) => SharedStruct.Open<AnotherNote>(name, options);

    public override (IDisposable Owner, IDisposable Client) Pair() => SharedStruct.CreatePair<Note>();

    public override void Send(IDisposable writer, long number)
    {
        SharedStructWriter<Note> end = (SharedStructWriter<Note>)writer;
        end.Value = Note.Of(number);
        end.Signal();
    }

    public override long Receive(IDisposable reader) => ((SharedStructReader<Note>)reader).Read().Number;

    public override async Task WaitAsync(IDisposable reader, CancellationToken cancellationToken = default) =>
        await ((SharedStructReader<Note>)reader).WaitAsync(cancellationToken);

    public override void Wait(IDisposable reader, CancellationToken cancellationToken = default) =>
        ((SharedStructReader<Note>)reader).Wait(cancellationToken);
}
