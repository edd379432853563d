namespace TypedShm.CrossProcess.Workloads;

/// <summary>Snapshots of something that its writer, the peer, changes without rest until it is told to stop.</summary>
internal abstract class NeverResting(string name, int count) : Workload(name)
{
    private SharedStructWriter<Message24>? _stop;
    private SharedStructReader<Message24>? _stopped;
    private long _round;

    public override (int Main, int Peer) Cores => (1, 0);

    public override void OpenMain()
    {
        _stop = SharedStruct.Create<Message24>($"{Name}-stop");
        OpenReader();
    }

    public override void OpenPeer()
    {
        OpenWriter();
        _stopped = SharedStruct.Open<Message24>($"{Name}-stop");
    }

    public override Run RunMain()
    {
        long start = Now();
        for (int i = 0; i < count; i += Chunk)
            Read(_round + 1);
        long end = Now();
        Volatile.Write(ref _stop!.Value.Number, ++_round);
        return new Run(start, end, count);
    }

    public override Run RunPeer()
    {
        _round++;
        long written = 0;
        long start = Now();
        while (Volatile.Read(in _stopped!.Value.Number) < _round)
        {
            Write(_round);
            written += Chunk;
        }

        return new Run(start, Now(), written);
    }

    public override void Dispose()
    {
        _stop?.Dispose();
        _stopped?.Dispose();
    }

    protected abstract void OpenReader();

    protected abstract void OpenWriter();

    protected abstract void Read(long round);

    // Numbers are in a register while they are written, as in Throughput.
    protected abstract void Write(long round);
}

/// <summary>
/// The newest value, of another state each round: where the kernel places a region decides much of what a read costs, and the C program
/// has another one for each sample too.
/// </summary>
internal sealed unsafe class StateReads<T>(string name, int count) : NeverResting(name, count)
    where T : unmanaged, ISharedLayout<T>
{
    private const int States = 8;

    private readonly List<SharedStateWriter<T>> _writers = [];
    private readonly List<SharedStateReader<T>> _readers = [];
    private readonly AlignedCopy<T> _copy = new();
    private readonly T _value = Words.Blank<T>();
    private long _number;

    public override void Dispose()
    {
        foreach (SharedStateWriter<T> writer in _writers)
            writer.Dispose();
        foreach (SharedStateReader<T> reader in _readers)
            reader.Dispose();
        _copy.Dispose();
        base.Dispose();
    }

    protected override void OpenReader()
    {
        for (int i = 0; i < States; i++)
            _readers.Add(SharedState.Open<T>($"{Name}-{i}", Options.Open(WaitMode.Spin)));
    }

    protected override void OpenWriter()
    {
        for (int i = 0; i < States; i++)
            _writers.Add(SharedState.Create<T>($"{Name}-{i}", new SharedStateOptions { Wait = WaitMode.Spin }));
    }

    protected override void Read(long round)
    {
        SharedStateReader<T> reader = _readers[(int)(round % States)];
        T* value = _copy.Value;
        for (int i = 0; i < Chunk; i++)
        {
            if (!reader.TryRead(out *value))
                throw new InvalidOperationException("Contended.");
            Check(Words.Last(ref *value), Words.Number(ref *value));
        }
    }

    protected override void Write(long round)
    {
        SharedStateWriter<T> writer = _writers[(int)(round % States)];
        long number = _number;
        for (int i = 1; i <= Chunk; i++)
        {
            using StateClaim<T> claim = writer.Replace();
            ref T value = ref claim.Value;
            value = _value;
            Words.Number(ref value) = Words.Last(ref value) = number + i;
            claim.Commit();
        }

        _number = number + Chunk;
    }
}

/// <summary>One element of a table after the other.</summary>
internal sealed unsafe class TableReads(string name, int elements, int count) : NeverResting(name, count)
{
    private readonly AlignedCopy<Message56> _copy = new();
    private SharedTableWriter<Message56>? _writer;
    private SharedTableReader<Message56>? _reader;
    private readonly Message56 _value = Words.Blank<Message56>();
    private long _number;
    private int _next;

    public override void Dispose()
    {
        _writer?.Dispose();
        _reader?.Dispose();
        _copy.Dispose();
        base.Dispose();
    }

    protected override void OpenReader() => _reader = SharedTable.Open<Message56>(Name, Options.Open(WaitMode.Spin));

    protected override void OpenWriter() =>
        _writer = SharedTable.Create<Message56>(Name, elements, new SharedTableOptions { Wait = WaitMode.Spin });

    protected override void Read(long round)
    {
        SharedTableReader<Message56> reader = _reader!;
        Message56* value = _copy.Value;
        for (int i = 0; i < Chunk; i++)
        {
            if (!reader.TryRead(Next(), out *value))
                throw new InvalidOperationException("Contended.");
            Check(value->F, value->Number);
        }
    }

    protected override void Write(long round)
    {
        SharedTableWriter<Message56> writer = _writer!;
        long number = _number;
        for (int i = 1; i <= Chunk; i++)
        {
            using TableClaim<Message56> claim = writer.Replace(Next());
            ref Message56 value = ref claim.Value;
            value = _value;
            value.Number = value.F = number + i;
            claim.Commit();
        }

        _number = number + Chunk;
    }

    // As the C program goes round: without a division.
    private int Next()
    {
        int next = _next;
        _next = next + 1 < elements ? next + 1 : 0;
        return next;
    }
}
