using System.Runtime.InteropServices;

namespace TypedShm.CrossProcess.Workloads;

/// <summary>1 MiB through a queue of eight slots: handed over and back untouched, or filled by one side and read by the other.</summary>
internal sealed class Payloads(string name, bool filled, int count)
    // The answer to what was filled is a mere message.
    : TwoQueues<Message24>(name, s_withPayload, filled ? Options.Queue(WaitMode.Spin) : s_withPayload)
{
    private const int Length = 1 << 20;
    private const int Slots = 8;
    private const int Line = 64;

    private static readonly SharedQueueOptions s_withPayload = new() { Capacity = Slots, PayloadCapacity = Length, Wait = WaitMode.Spin };

    private long _number;
    private long _last;

    public override Run RunMain()
    {
        long start = _last = Now();
        for (int i = 0; i < count; i++)
            Ask();
        return new Run(start, Now(), count);
    }

    public override Run RunPeer()
    {
        for (int i = 0; i < count; i++)
            Answer();
        return new Run(0, Now(), count);
    }

    private void Ask()
    {
        Hand(++_number, Length, filled);
        using Lease<Message24> lease = In.Lease();
        Check(lease.Value.Number, _number);
        Check(lease.Payload.Length, filled ? 0 : Length);
        Record(ref _last);
    }

    private void Answer()
    {
        long number;
        using (Lease<Message24> lease = In.Lease())
        {
            number = lease.Value.Number;
            Check(lease.Payload.Length, Length);
            if (filled)
                Check(Sum(lease.Payload), unchecked((byte)number * 0x0101010101010101 * (Length / Line)));
        }

        Hand(number, filled ? 0 : Length, false);
    }

    private void Hand(long number, int length, bool fill)
    {
        using Claim<Message24> claim = Out.Claim();
        claim.Value.Number = number;
        if (fill)
            CLibrary.Fill(claim.Payload, (byte)number);
        claim.Commit(length);
    }

    // One word of each line.
    private static long Sum(ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<long> words = MemoryMarshal.Cast<byte, long>(payload);
        long sum = 0;
        for (int i = 0; i < words.Length; i += Line / sizeof(long))
            sum += words[i];
        return sum;
    }
}
