namespace TypedShm.CrossProcess.Workloads;

/// <summary>There and back through two queues, 56 bytes; the thread waits.</summary>
internal sealed class RoundTrip(string name, WaitMode wait, int count, int peerCore)
    : TwoQueues<Message56>(name, Options.Queue(wait), Options.Queue(wait))
{
    private long _number;
    private long _last;

    public override (int Main, int Peer) Cores => (0, peerCore);

    public override Run RunMain()
    {
        // The first tenth is not measured, as in the C programs.
        for (int i = 0; i < count / 10; i += Chunk)
            Ask();
        long start = _last = Now();
        for (int i = 0; i < count; i += Chunk)
            Ask();
        return new Run(start, Now(), count);
    }

    public override Run RunPeer()
    {
        for (int i = 0; i < count + (count / 10); i += Chunk)
            Answer();
        return new Run(0, Now(), count);
    }

    private void Ask()
    {
        Message56 message = default;
        for (int i = 0; i < Chunk; i++)
        {
            message.Number = ++_number;
            Out.Write(in message);
            message = In.Read();
            Check(message.Number, _number);
            Record(ref _last);
        }
    }

    private void Answer()
    {
        for (int i = 0; i < Chunk; i++)
        {
            Message56 message = In.Read();
            Out.Write(in message);
        }
    }
}
