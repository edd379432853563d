namespace TypedShm.Contracts.Channels;

/// <summary>A queue, whoever owns its name.</summary>
public abstract class QueueChannel : Channel
{
    protected static SharedQueueOptions Options => new() { Capacity = 16, PayloadCapacity = 32 };

    public override void Send(IDisposable writer, long number) => ((SharedQueueWriter<Note>)writer).Write(Note.Of(number));

    public override long Receive(IDisposable reader) => ((SharedQueueReader<Note>)reader).TryRead(out Note note) ? note.Number : 0;

    public override async Task WaitAsync(IDisposable reader, CancellationToken cancellationToken = default) =>
        await ((SharedQueueReader<Note>)reader).WaitToReadAsync(cancellationToken);

    public override void Wait(IDisposable reader, CancellationToken cancellationToken = default) =>
        ((SharedQueueReader<Note>)reader).WaitToRead(cancellationToken);
}

/// <summary>A queue whose reader owns the name.</summary>
public sealed class ReaderQueueChannel : QueueChannel
{
    public override bool OwnerWrites => false;

    public override IDisposable Create(string name, Limits limits) => SharedQueue.CreateReader<Note>(name, limits.In(Options));

    public override IDisposable Open(string name, OpenOptions options, CancellationToken cancellationToken = default) =>
        SharedQueue.OpenWriter<Note>(name, options, cancellationToken);

    public override async Task<IDisposable> OpenAsync(string name, OpenOptions options, CancellationToken cancellationToken = default) =>
        await SharedQueue.OpenWriterAsync<Note>(name, options, cancellationToken);

    public override IDisposable OpenAnother(string name, OpenOptions options) => SharedQueue.OpenWriter<AnotherNote>(name, options);

    public override (IDisposable Owner, IDisposable Client) Pair()
    {
        (SharedQueueWriter<Note> writer, SharedQueueReader<Note> reader) =
            SharedQueue.CreatePair<Note>(Options with { Capacity = PairCapacity });
        return (reader, writer);
    }
}

/// <summary>A queue whose writer owns the name: it has one reader.</summary>
public sealed class WriterQueueChannel : QueueChannel
{
    public override bool TakesOneClient => true;

    public override IDisposable Create(string name, Limits limits) => SharedQueue.CreateWriter<Note>(name, limits.In(Options));

    public override IDisposable Open(string name, OpenOptions options, CancellationToken cancellationToken = default) =>
        SharedQueue.OpenReader<Note>(name, options, cancellationToken);

    public override async Task<IDisposable> OpenAsync(string name, OpenOptions options, CancellationToken cancellationToken = default) =>
        await SharedQueue.OpenReaderAsync<Note>(name, options, cancellationToken);

    public override IDisposable OpenAnother(string name, OpenOptions options) => SharedQueue.OpenReader<AnotherNote>(name, options);

    public override (IDisposable Owner, IDisposable Client) Pair() =>
        SharedQueue.CreatePair<Note>(Options with { Capacity = PairCapacity });
}
