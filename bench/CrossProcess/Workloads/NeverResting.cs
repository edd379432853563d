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
            Read();
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
            Write();
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

    protected abstract void Read();

    protected abstract void Write();
}

/// <summary>The newest value.</summary>
internal sealed unsafe class StateReads<T>(string name, int count) : NeverResting(name, count)
    where T : unmanaged, ISharedLayout<T>
{
    private readonly AlignedCopy<T> _copy = new();
    private SharedStateWriter<T>? _writer;
    private SharedStateReader<T>? _reader;
    private readonly T _value = Words.Blank<T>();
    private long _number;

    public override void Dispose()
    {
        _writer?.Dispose();
        _reader?.Dispose();
        _copy.Dispose();
        base.Dispose();
    }

    protected override void OpenReader() => _reader = SharedState.Open<T>(Name, Options.Open(WaitMode.Spin));

    protected override void OpenWriter() => _writer = SharedState.Create<T>(Name, new SharedStateOptions { Wait = WaitMode.Spin });

    protected override void Read()
    {
        SharedStateReader<T> reader = _reader!;
        T* value = _copy.Value;
        for (int i = 0; i < Chunk; i++)
        {
            if (!reader.TryRead(out *value))
                throw new InvalidOperationException("Contended.");
            Check(Words.Last(ref *value), Words.Number(ref *value));
        }
    }

    protected override void Write()
    {
        SharedStateWriter<T> writer = _writer!;
        for (int i = 0; i < Chunk; i++)
        {
            using StateClaim<T> claim = writer.Replace();
            ref T value = ref claim.Value;
            value = _value;
            Words.Number(ref value) = Words.Last(ref value) = ++_number;
            claim.Commit();
        }
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

    protected override void Read()
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

    protected override void Write()
    {
        SharedTableWriter<Message56> writer = _writer!;
        for (int i = 0; i < Chunk; i++)
        {
            using TableClaim<Message56> claim = writer.Replace(Next());
            ref Message56 value = ref claim.Value;
            value = _value;
            value.Number = value.F = ++_number;
            claim.Commit();
        }
    }

    // As the C program goes round: without a division.
    private int Next()
    {
        int next = _next;
        _next = next + 1 < elements ? next + 1 : 0;
        return next;
    }
}
