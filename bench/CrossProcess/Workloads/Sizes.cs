using System.Runtime.InteropServices;

namespace TypedShm.CrossProcess.Workloads;

/// <summary>
/// Payloads of one size through a queue of eight slots: filled in place by one side, one word of each line read by the other.
/// </summary>
internal sealed class Sizes(string name, int length, int divisor) : Workload(name)
{
    private const int Slots = 8;
    private const int Line = 64;

    private readonly int _count = Math.Clamp((64 << 20) / Math.Max(length, Line), 64, 1_000_000) / divisor;
    private SharedQueueReader<Message24>? _reader;
    private SharedQueueWriter<Message24>? _writer;
    private long _number;

    public override void OpenMain() => _writer = SharedQueue.OpenWriter<Message24>(Name, Options.Open(WaitMode.Spin));

    public override void OpenPeer() => _reader = SharedQueue.CreateReader<Message24>(Name, new SharedQueueOptions
    {
        Capacity = Slots,
        PayloadCapacity = length,
        Wait = WaitMode.Spin,
    });

    public override Run RunMain()
    {
        long start = Now();
        for (int i = 0; i < _count; i++)
            Write(_writer!);
        return new Run(start, Now(), _count);
    }

    public override Run RunPeer()
    {
        for (int i = 0; i < _count; i++)
            Read(_reader!);
        return new Run(0, Now(), _count);
    }

    public override double Cost(in Run main, in Run peer) => (double)(peer.End - main.Start) / main.Count;

    public override void Dispose()
    {
        _writer?.Dispose();
        _reader?.Dispose();
    }

    private void Write(SharedQueueWriter<Message24> writer)
    {
        using Claim<Message24> claim = writer.Claim();
        claim.Value.Number = _number;
        CLibrary.Fill(claim.Payload, (byte)_number++);
        claim.Commit(length);
    }

    private void Read(SharedQueueReader<Message24> reader)
    {
        using Lease<Message24> lease = reader.Lease();
        Check(lease.Value.Number, _number++);
        ReadOnlySpan<long> words = MemoryMarshal.Cast<byte, long>(lease.Payload);
        for (int i = 0; i < words.Length; i += Line / sizeof(long))
            Check((byte)words[i], (byte)lease.Value.Number);
    }
}
