namespace TypedShm.CrossProcess.Workloads;

/// <summary>What a lossy write costs its writer while one thread of the peer reads with each of several readers in turn.</summary>
internal sealed class ManyReaders(string name, int readers, int count) : Broadcast(name, lossless: false, ofReader: false, count)
{
    private SharedBroadcastReader<Message56>[] _readers = [];
    private long[] _numbers = [];
    private long _rounds;

    public override void OpenPeer()
    {
        _readers = [.. Enumerable.Range(0, readers).Select(_ => SharedBroadcast.Open<Message56>(Name, Options.Open(WaitMode.Spin)))];
        _numbers = new long[readers];
    }

    public override Run RunPeer()
    {
        long last = ++_rounds * Count;
        long seen = 0;
        long start = Now();
        while (_numbers.Any(number => number != last))
            seen += ReadInTurn(last);
        return new Run(start, Now(), seen);
    }

    public override double Cost(in Run main, in Run peer) => (double)(main.End - main.Start) / main.Count;

    public override void Dispose()
    {
        foreach (SharedBroadcastReader<Message56> reader in _readers)
            reader.Dispose();
        base.Dispose();
    }

    private long ReadInTurn(long last)
    {
        long seen = 0;
        for (int i = 0; i < Chunk; i++)
        {
            for (int reader = 0; reader < _readers.Length; reader++)
            {
                if (_numbers[reader] == last || !_readers[reader].TryRead(out Message56 message))
                    continue;
                _numbers[reader] = message.Number;
                seen++;
            }
        }

        return seen;
    }
}
