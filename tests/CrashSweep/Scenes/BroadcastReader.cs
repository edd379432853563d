using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Victims;

namespace TypedShm.CrashSweep.Scenes;

/// <summary>A reader of a broadcast dies; the writer and its fellow reader go on, and another reader comes.</summary>
internal sealed class BroadcastReader(bool lossless) : Scene
{
    private const int Messages = 60;
    private const int VictimsMessages = 40;

    public override string Name => lossless ? "lossless reader" : "lossy reader";

    public override string Code => lossless ? "Br" : "Lr";

    public override void Live(Life life)
    {
        using SharedBroadcastReader<Mark> reader = SharedBroadcast.Open<Mark>(life.Name, Life.Open);
        long next = reader.Start;
        for (int round = 0; next < VictimsMessages && reader.WaitToRead(); round++)
        {
            if (round % 2 == 0)
            {
                if (!reader.TryRead(out Mark mark, out long lost))
                    continue;
                next += lost;
                life.Check(in mark, next++);
            }
            else
            {
                if (!reader.TryLease(out BroadcastLease<Mark> lease))
                    continue;
                Mark mark = lease.Value;
                long number = lease.Number;
                if (lease.IsIntact)
                    life.Check(in mark, number);
                lease.Dispose();
                if (number < next)
                    life.Journal.Doubled++;
                next = number + 1;
            }
        }
    }

    public override void Survive(Trial trial)
    {
        using SharedBroadcastWriter<Mark> writer = SharedBroadcast.Create<Mark>(
            trial.Name, BroadcastWriter.OptionsOf(lossless) with { Fence = trial.Fence });
        using SharedBroadcastReader<Mark> fellow = SharedBroadcast.Open<Mark>(trial.Name);
        trial.Begin(writer);
        Task reading = trial.Beside(() => ReadAsFellow(trial, fellow));
        trial.Await(() => writer.Peers.Count > 1 || trial.IsGone, "the victim has come or gone");
        for (long i = 0; i < Messages; i++)
        {
            Life.Pause(i);
            writer.Write(Mark.Of(Mark.Original, i), trial.Late);
        }

        // As long as the victim lives.
        long number = Messages;
        while (!trial.IsGone || writer.Peers.Count > 1)
        {
            trial.Late.ThrowIfCancellationRequested();
            writer.Write(Mark.Of(Mark.Original, number++), trial.Late);
            Thread.Sleep(1);
        }

        using SharedBroadcastReader<Mark> successor = SharedBroadcast.Open<Mark>(trial.Name, cancellationToken: trial.Late);
        writer.Write(Mark.Of(Mark.Original, number), trial.Late);
        trial.Check(successor.Read(trial.Late), number);
        writer.Complete();
        reading.GetAwaiter().GetResult();
    }

    private void ReadAsFellow(Trial trial, SharedBroadcastReader<Mark> reader)
    {
        long next = reader.Start;
        while (trial.Wait(reader.WaitToRead, reader.WaitToReadAsync))
        {
            while (reader.TryRead(out Mark mark, out long lost))
            {
                next = trial.Check(in mark, next + lost);
                if (lossless && lost > 0)
                    trial.Findings.AddLost(trial, lost, "a fellow reader of a lossless broadcast has lost messages.");
            }
        }
    }
}
