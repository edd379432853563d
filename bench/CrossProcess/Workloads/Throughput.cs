namespace TypedShm.CrossProcess.Workloads;

/// <summary>One message after another through lanes of a queue: the time until the last one has been read.</summary>
/// <param name="name">The name of the endpoint.</param>
/// <param name="lanes">How many lanes they go through, in turn.</param>
/// <param name="batch">How many messages are claimed and read at once; 1: without batches.</param>
/// <param name="count">How many messages a round has.</param>
internal sealed unsafe class Throughput<T>(string name, int lanes, int batch, int count) : Workload(name)
    where T : unmanaged, ISharedLayout<T>
{
    // Whole batches, and as many for each of the lanes, of which there are a power of two.
    private const int Block = 1024;

    private readonly int _count = count / Block * Block;
    private readonly SharedQueueWriter<T>[] _writers = new SharedQueueWriter<T>[lanes];
    private readonly AlignedCopy<T> _copy = new();
    private SharedQueueReader<T>? _reader;
    private readonly T _message = Words.Blank<T>();
    private long _number;
    private long _sum;

    public override void OpenMain()
    {
        _writers[0] = SharedQueue.OpenWriter<T>(Name, Options.Open(WaitMode.Spin));
        for (int i = 1; i < lanes; i++)
            _writers[i] = _writers[0].AddLane();
    }

    public override void OpenPeer() => _reader = SharedQueue.CreateReader<T>(Name, Options.Queue(WaitMode.Spin) with { Writers = lanes });

    public override Run RunMain()
    {
        long start = Now();
        for (int i = 0; i < _count; i += Block)
        {
            if (batch > 1)
                WriteBatches();
            else if (lanes > 1)
                WriteInTurn();
            else
                Write(_writers[0]);
        }

        return new Run(start, Now(), _count);
    }

    public override Run RunPeer()
    {
        long start = Now();
        for (int i = 0; i < _count; i += Block)
        {
            if (batch > 1)
                ReadBatches();
            else if (lanes > 1)
                ReadLanes();
            else
                Read(_reader!);
        }

        long end = Now();
        if (lanes > 1)
            CheckSum();
        return new Run(start, end, _count);
    }

    public override double Cost(in Run main, in Run peer) => (double)(peer.End - main.Start) / main.Count;

    public override void Dispose()
    {
        foreach (SharedQueueWriter<T>? writer in _writers)
            writer?.Dispose();
        _reader?.Dispose();
        _copy.Dispose();
    }

    // All of a message is written into its slot, in place. As in the C programs, whose number is in a register too: one that is counted up
    // in a field, or here, would be stored each time, the latter because of the finally block that "using" makes.
    private void Write(SharedQueueWriter<T> writer)
    {
        long number = _number;
        for (int i = 0; i < Block; i++)
        {
            using Claim<T> claim = writer.Claim();
            ref T value = ref claim.Value;
            value = _message;
            Words.Number(ref value) = number + i;
            claim.Commit();
        }

        _number = number + Block;
    }

    private void WriteInTurn()
    {
        long number = _number;
        for (int i = 0; i < Block / lanes; i++)
        {
            foreach (SharedQueueWriter<T> writer in _writers)
            {
                using Claim<T> claim = writer.Claim();
                ref T value = ref claim.Value;
                value = _message;
                Words.Number(ref value) = number + i;
                claim.Commit();
            }
        }

        _number = number + (Block / lanes);
    }

    private void WriteBatches()
    {
        long number = _number;
        for (int i = 0; i < Block;)
        {
            int size = Math.Min(batch, Block - i);
            using BatchClaim<T> claim = _writers[0].ClaimBatch(size);
            for (int k = 0; k < size; k++, i++)
            {
                ref T value = ref claim[k];
                value = _message;
                Words.Number(ref value) = number + i;
            }

            claim.Commit();
        }

        _number = number + Block;
    }

    private void Read(SharedQueueReader<T> reader)
    {
        T* message = _copy.Value;
        for (int i = 0; i < Block; i++)
        {
            if (!reader.TryRead(out *message))
                reader.TryRead(out *message, Timeout.InfiniteTimeSpan);
            Check(Words.Number(ref *message), _number++);
        }
    }

    private void ReadLanes()
    {
        T* message = _copy.Value;
        long sum = 0;
        for (int i = 0; i < Block; i++)
        {
            if (!_reader!.TryRead(out *message))
                _reader.TryRead(out *message, Timeout.InfiniteTimeSpan);
            sum += Words.Number(ref *message);
        }

        _sum += sum;
    }

    // Each lane has brought the same numbers, in whatever order the lanes came.
    private void CheckSum()
    {
        long each = _count / lanes;
        Check(_sum, lanes * ((each * _number) + (each * (each - 1) / 2)));
        _number += each;
        _sum = 0;
    }

    private void ReadBatches()
    {
        T* message = _copy.Value;
        long number = _number;
        for (int i = 0; i < Block;)
        {
            using MessageBatch<T> read = _reader!.LeaseBatch(Math.Min(batch, Block - i));
            int size = read.Count;
            for (int k = 0; k < size; k++)
            {
                *message = read[k];
                Check(Words.Number(ref *message), number + i + k);
            }

            i += size;
        }

        _number = number + Block;
    }
}
