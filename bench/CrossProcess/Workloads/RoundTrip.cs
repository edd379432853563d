namespace TypedShm.CrossProcess.Workloads;

/// <summary>There and back through two queues, 56 bytes; the thread waits.</summary>
internal sealed class RoundTrip(string name, WaitMode wait, int count, int peerCore) : Workload(name)
{
    private SharedQueueReader<Message56> _in = null!;
    private SharedQueueWriter<Message56> _out = null!;
    private long _number;
    private long _last;

    public override (int Main, int Peer) Cores => (0, peerCore);

    public override void OpenMain()
    {
        _in = SharedQueue.CreateReader<Message56>($"{Name}-back", Options.Queue(wait));
        _out = SharedQueue.OpenWriter<Message56>($"{Name}-there", Options.Open(wait));
    }

    public override void OpenPeer()
    {
        _in = SharedQueue.CreateReader<Message56>($"{Name}-there", Options.Queue(wait));
        _out = SharedQueue.OpenWriter<Message56>($"{Name}-back", Options.Open(wait));
    }

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

    public override void Dispose()
    {
        _out?.Dispose();
        _in?.Dispose();
    }

    private void Ask()
    {
        Message56 message = default;
        for (int i = 0; i < Chunk; i++)
        {
            message.Number = ++_number;
            _out.Write(in message);
            message = _in.Read();
            Check(message.Number, _number);
            Record(ref _last);
        }
    }

    private void Answer()
    {
        for (int i = 0; i < Chunk; i++)
        {
            Message56 message = _in.Read();
            _out.Write(in message);
        }
    }
}
