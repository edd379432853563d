using System.Runtime.CompilerServices;

namespace TypedShm.Contracts.Channels;

public sealed class TableChannel : Channel
{
    private const int Count = 100;
    private const int Element = 70;

    private readonly ConditionalWeakTable<IDisposable, StrongBox<TableGeneration>> _known = [];

    public override IDisposable Create(string name, Limits limits) =>
        SharedTable.Create<Note>(name, Count, limits.In(new SharedTableOptions()));

    public override IDisposable Open(string name, OpenOptions options, CancellationToken cancellationToken = default) =>
        Known(SharedTable.Open<Note>(name, options, cancellationToken));

    public override async Task<IDisposable> OpenAsync(string name, OpenOptions options, CancellationToken cancellationToken = default) =>
        Known(await SharedTable.OpenAsync<Note>(name, options, cancellationToken));

    public override IDisposable OpenAnother(string name, OpenOptions options) => SharedTable.Open<AnotherNote>(name, options);

    public override (IDisposable Owner, IDisposable Client) Pair()
    {
        (SharedTableWriter<Note> table, SharedTableReader<Note> reader) = SharedTable.CreatePair<Note>(Count);
        return (table, Known(reader));
    }

    public override void Send(IDisposable writer, long number) => ((SharedTableWriter<Note>)writer).Write(Element, Note.Of(number));

    public override long Receive(IDisposable reader)
    {
        SharedTableReader<Note> table = (SharedTableReader<Note>)reader;
        table.TakeChanges(ref _known.GetOrCreateValue(reader).Value);
        return table.Read(Element).Number;
    }

    public override async Task WaitAsync(IDisposable reader, CancellationToken cancellationToken = default) =>
        await ((SharedTableReader<Note>)reader).WaitAsync(_known.GetOrCreateValue(reader).Value, cancellationToken);

    public override void Wait(IDisposable reader, CancellationToken cancellationToken = default) =>
        ((SharedTableReader<Note>)reader).Wait(in _known.GetOrCreateValue(reader).Value, cancellationToken);

    // So that a wait is for what comes after it was opened.
    private SharedTableReader<Note> Known(SharedTableReader<Note> reader)
    {
        Receive(reader);
        return reader;
    }
}
