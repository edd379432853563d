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
    private readonly List<SharedQueueWriter<T>> _writers = [];
    private readonly long[] _numbers = new long[lanes];
    private readonly T[] _messages = new T[batch];
    private readonly AlignedCopy<T> _copy = new();
    private SharedQueueReader<T>? _reader;
    private readonly T _message = Words.Blank<T>();
    private long _sum;

    public override void OpenMain()
    {
        _writers.Add(SharedQueue.OpenWriter<T>(Name, Options.Open(WaitMode.Spin)));
        while (_writers.Count < lanes)
            _writers.Add(_writers[0].AddLane());
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
        foreach (SharedQueueWriter<T> writer in _writers)
            writer.Dispose();
        _reader?.Dispose();
        _copy.Dispose();
    }

    // All of a message is written into its slot, in place.
    private void Write(SharedQueueWriter<T> writer)
    {
        // As the C programs, whose number is in a register too. One that is counted up here would be stored each time, because of the
        // finally block that "using" makes.
        long number = _numbers[0];
        for (int i = 0; i < Block; i++)
        {
            using Claim<T> claim = writer.Claim();
            ref T value = ref claim.Value;
            value = _message;
            Words.Number(ref value) = number + i;
            claim.Commit();
        }

        _numbers[0] = number + Block;
    }

    private void WriteInTurn()
    {
        for (int i = 0; i < Block / lanes; i++)
        {
            for (int lane = 0; lane < lanes; lane++)
            {
                using Claim<T> claim = _writers[lane].Claim();
                ref T value = ref claim.Value;
                value = _message;
                Words.Number(ref value) = _numbers[lane]++;
                claim.Commit();
            }
        }
    }

    private void WriteBatches()
    {
        long number = _numbers[0];
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

        _numbers[0] = number + Block;
    }

    private void Read(SharedQueueReader<T> reader)
    {
        T* message = _copy.Value;
        for (int i = 0; i < Block; i++)
        {
            if (!reader.TryRead(out *message))
                reader.TryRead(out *message, Timeout.InfiniteTimeSpan);
            Check(Words.Number(ref *message), _numbers[0]++);
        }
    }

    private void ReadLanes()
    {
        for (int i = 0; i < Block; i++)
        {
            T message = _reader!.Read();
            _sum += Words.Number(ref message);
        }
    }

    // Each lane has brought the same numbers, in whatever order the lanes came.
    private void CheckSum()
    {
        long each = _count / lanes;
        Check(_sum, lanes * ((each * _numbers[0]) + (each * (each - 1) / 2)));
        _numbers[0] += each;
        _sum = 0;
    }

    private void ReadBatches()
    {
        long number = _numbers[0];
        for (int i = 0; i < Block;)
        {
            using MessageBatch<T> read = _reader!.LeaseBatch(Math.Min(batch, Block - i));
            int size = read.Count;
            read.CopyTo(_messages);
            for (int k = 0; k < size; k++)
                Check(Words.Number(ref _messages[k]), number + i + k);
            i += size;
        }

        _numbers[0] = number + Block;
    }
}
