namespace TypedShm.Contracts.Channels;

/// <summary>A broadcast, whatever becomes of slow readers.</summary>
public abstract class BroadcastChannel(bool isLossless) : Channel
{
    private SharedBroadcastOptions Options => new() { Capacity = 16, PayloadCapacity = 32, Lossless = isLossless };

    public override IDisposable Create(string name, Limits limits) => SharedBroadcast.Create<Note>(name, limits.In(Options));

    public override IDisposable Open(string name, OpenOptions options, CancellationToken cancellationToken = default) =>
        SharedBroadcast.Open<Note>(name, options, cancellationToken);

    public override async Task<IDisposable> OpenAsync(string name, OpenOptions options, CancellationToken cancellationToken = default) =>
        await SharedBroadcast.OpenAsync<Note>(name, options, cancellationToken);

    public override IDisposable OpenAnother(string name, OpenOptions options) => SharedBroadcast.Open<AnotherNote>(name, options);

    public override (IDisposable Owner, IDisposable Client) Pair() =>
        SharedBroadcast.CreatePair<Note>(Options with { Capacity = PairCapacity });

    public override void Send(IDisposable writer, long number) => ((SharedBroadcastWriter<Note>)writer).Write(Note.Of(number));

    public override long Receive(IDisposable reader) => ((SharedBroadcastReader<Note>)reader).TryRead(out Note note) ? note.Number : 0;

    public override async Task WaitAsync(IDisposable reader, CancellationToken cancellationToken = default) =>
        await ((SharedBroadcastReader<Note>)reader).WaitToReadAsync(cancellationToken);

    public override void Wait(IDisposable reader, CancellationToken cancellationToken = default) =>
        ((SharedBroadcastReader<Note>)reader).WaitToRead(cancellationToken);
}

public sealed class LossyBroadcastChannel() : BroadcastChannel(isLossless: false);

public sealed class LosslessBroadcastChannel() : BroadcastChannel(isLossless: true);
