using BenchmarkDotNet.Attributes;

namespace TypedShm.Micro;

/// <summary>A message into a queue and out of it, by one thread: all the instructions, and none of the way between cores.</summary>
public class Messages
{
    private SharedQueueWriter<Value64> _writer = null!;
    private SharedQueueReader<Value64> _reader = null!;
    private Value64 _value;

    /// <summary>Whether each publication has a fence, or the peer that parks issues a barrier for it.</summary>
    [Params(WaitFence.Auto, WaitFence.Full)]
    public WaitFence Fence { get; set; }

    [GlobalSetup]
    public void Open() => (_writer, _reader) =
        SharedQueue.CreatePair<Value64>(new SharedQueueOptions { Fence = Fence }, new OpenOptions { Fence = Fence });

    [GlobalCleanup]
    public void Close()
    {
        _writer.Dispose();
        _reader.Dispose();
    }

    [Benchmark(Baseline = true)]
    public bool WriteAndRead()
    {
        _value.Number++;
        _writer.TryWrite(in _value);
        return _reader.TryRead(out _);
    }

    [Benchmark]
    public bool ClaimAndRead()
    {
        using (Claim<Value64> claim = _writer.Claim())
        {
            claim.Value.Number = 1;
            claim.Commit();
        }

        return _reader.TryRead(out _);
    }

    [Benchmark]
    public long ClaimAndLease()
    {
        using (Claim<Value64> claim = _writer.Claim())
        {
            claim.Value.Number = 1;
            claim.Commit();
        }

        using Lease<Value64> lease = _reader.Lease();
        return lease.Value.Number;
    }

    [Benchmark]
    public bool NothingToRead() => _reader.TryRead(out _);
}
