using System.Runtime.CompilerServices;

namespace TypedShm.Contracts.Channels;

public sealed class StateChannel : Channel
{
    private readonly ConditionalWeakTable<IDisposable, StrongBox<StateGeneration>> _known = [];

    public override IDisposable Create(string name, Limits limits) => SharedState.Create<Note>(name, limits.In(new SharedStateOptions()));

    public override IDisposable Open(string name, OpenOptions options, CancellationToken cancellationToken = default) =>
        Known(SharedState.Open<Note>(name, options, cancellationToken));

    public override async Task<IDisposable> OpenAsync(string name, OpenOptions options, CancellationToken cancellationToken = default) =>
        Known(await SharedState.OpenAsync<Note>(name, options, cancellationToken));

    public override IDisposable OpenAnother(string name, OpenOptions options) => SharedState.Open<AnotherNote>(name, options);

    public override (IDisposable Owner, IDisposable Client) Pair()
    {
        (SharedStateWriter<Note> writer, SharedStateReader<Note> reader) = SharedState.CreatePair<Note>();
        return (writer, Known(reader));
    }

    public override void Send(IDisposable writer, long number) => ((SharedStateWriter<Note>)writer).Write(Note.Of(number));

    public override long Receive(IDisposable reader) =>
        ((SharedStateReader<Note>)reader).Read(out _known.GetOrCreateValue(reader).Value).Number;

    public override async Task WaitAsync(IDisposable reader, CancellationToken cancellationToken = default) =>
        await ((SharedStateReader<Note>)reader).WaitAsync(_known.GetOrCreateValue(reader).Value, cancellationToken);

    public override void Wait(IDisposable reader, CancellationToken cancellationToken = default) =>
        ((SharedStateReader<Note>)reader).Wait(in _known.GetOrCreateValue(reader).Value, cancellationToken);

    // So that a wait is for what comes after it was opened.
    private SharedStateReader<Note> Known(SharedStateReader<Note> reader)
    {
        Receive(reader);
        return reader;
    }
}
