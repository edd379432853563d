using System.IO.Pipes;

namespace TypedShm.CrossProcess.Workloads;

/// <summary>
/// From nothing to the first value read by the other process: create, seal, listen; connect, check, map, read, and a byte back.
/// </summary>
internal sealed class Connecting(string name, int count) : Workload(name)
{
    private NamedPipeServerStream? _there;
    private NamedPipeClientStream? _here;
    private int _number;

    // Far more code than a message goes through, each of it once a round trip: it takes 1,600 of these until all of it is compiled.
    public override int WarmUps => 12;

    public override void OpenMain()
    {
        _there = new NamedPipeServerStream(Name);
        _there.WaitForConnection();
    }

    public override void OpenPeer()
    {
        _here = new NamedPipeClientStream(Name);
        _here.Connect();
    }

    public override Run RunMain()
    {
        long total = 0;
        for (int i = 0; i < count; i++)
            total += Once(_there!);
        return new Run(0, total, count);
    }

    public override Run RunPeer()
    {
        for (int i = 0; i < count; i++)
            Answer(_here!);
        return new Run(0, Now(), count);
    }

    public override void Dispose()
    {
        _there?.Dispose();
        _here?.Dispose();
    }

    private long Once(NamedPipeServerStream peer)
    {
        int number = ++_number;
        long start = Now();
        using SharedStructWriter<Message56> writer = SharedStruct.Create<Message56>($"{Name}-{number}");
        writer.Value.Number = number;
        peer.WriteByte(1);
        Check(peer.ReadByte(), number & 0xFF);
        long time = Now() - start;

        // What follows is outside the measured time: the peer has to be done with it.
        peer.WriteByte(2);
        Check(peer.ReadByte(), 2);
        return time;
    }

    private void Answer(NamedPipeClientStream main)
    {
        Check(main.ReadByte(), 1);
        using (SharedStructReader<Message56> reader = SharedStruct.Open<Message56>($"{Name}-{++_number}"))
        {
            main.WriteByte((byte)reader.Value.Number);
            Check(main.ReadByte(), 2);
        }

        main.WriteByte(2);
    }
}
