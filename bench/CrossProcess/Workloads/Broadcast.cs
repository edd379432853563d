namespace TypedShm.CrossProcess.Workloads;

/// <summary>A broadcast of 56 bytes with one reader, neither of which rests; what a written or a read message costs.</summary>
internal class Broadcast(string name, bool lossless, bool ofReader, int count) : Workload(name)
{
    private SharedBroadcastWriter<Message56>? _writer;
    private SharedBroadcastReader<Message56>? _reader;
    private readonly Message56 _message = Words.Blank<Message56>();
    private long _number;
    private long _rounds;

    /// <summary>How many messages are written in a round.</summary>
    protected int Count => count;

    public override void OpenMain()
    {
        SharedBroadcastOptions options = new() { Capacity = Options.Capacity, Lossless = lossless, Wait = WaitMode.Spin };
        _writer = SharedBroadcast.Create<Message56>(Name, options);
    }

    public override void OpenPeer() => _reader = SharedBroadcast.Open<Message56>(Name, Options.Open(WaitMode.Spin));

    public override Run RunMain()
    {
        long start = Now();
        for (int i = 0; i < count; i += Chunk)
            Write(_writer!);
        return new Run(start, Now(), count);
    }

    public override Run RunPeer()
    {
        long seen = 1;
        long last = ++_rounds * count;
        long number = _reader!.Read().Number;
        long start = Now();
        while (number != last)
            number = Read(_reader, last, ref seen);
        return new Run(start, Now(), seen);
    }

    public override double Cost(in Run main, in Run peer) => ofReader
        ? (double)(peer.End - peer.Start) / peer.Count
        : (double)(peer.End - main.Start) / main.Count;

    public override void Dispose()
    {
        _writer?.Dispose();
        _reader?.Dispose();
    }

    // The number is in a register, as in Throughput.
    private void Write(SharedBroadcastWriter<Message56> writer)
    {
        long number = _number;
        for (int i = 1; i <= Chunk; i++)
        {
            using BroadcastClaim<Message56> claim = writer.Claim();
            ref Message56 value = ref claim.Value;
            value = _message;
            value.Number = number + i;
            claim.Commit();
        }

        _number = number + Chunk;
    }

    private static long Read(SharedBroadcastReader<Message56> reader, long last, ref long seen)
    {
        long number = 0;
        for (int i = 0; i < Chunk && number != last; i++)
        {
            number = reader.Read().Number;
            seen++;
        }

        return number;
    }
}
