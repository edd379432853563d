using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Victims;

namespace TypedShm.CrashSweep.Scenes;

/// <summary>
/// A writer of a queue dies that has a name; the next process of that name goes on where it ended, before the reader has read all of it.
/// </summary>
internal sealed class QueueProducer : Scene
{
    private const string Producer = "victim";
    private const int SuccessorsMessages = 12;

    public override string Name => "queue producer";

    public override string Code => "Qp";

    public override void Live(Life life)
    {
        using SharedQueueWriter<Mark> writer = SharedQueue.OpenWriter<Mark>(life.Name, Life.Open with { Producer = Producer });
        QueueWriter.WriteAll(life, writer);
    }

    public override void Survive(Trial trial)
    {
        using SharedQueueReader<Mark> reader =
            SharedQueue.CreateReader<Mark>(trial.Name, QueueWriter.Options with { Fence = trial.Fence });
        trial.Begin(reader);
        long begun = -1;
        Task successor = trial.Beside(() => WriteAsSuccessor(trial, ref begun));
        long next = 0;
        long victims = 0;
        while (trial.Wait(reader.WaitToRead, reader.WaitToReadAsync))
        {
            while (reader.TryRead(out Mark mark))
            {
                // One sequence, whoever writes: nothing is missing, nothing doubled, and nothing out of order.
                next = trial.Check(in mark, next);
                if (mark.Source == Mark.Original)
                    victims = next;
                if (next % 16 == 0)
                    Thread.Sleep(1);
            }
        }

        trial.Await(() => trial.IsGone, "the victim has ended");
        trial.CheckCommitted(victims);
        successor.GetAwaiter().GetResult();
        if (begun >= 0 && begun != victims)
            trial.Findings.AddLost(trial, Math.Abs(victims - begun), $"the next one began with message {begun}, but {victims} were read.");
        if (begun >= 0 && next != begun + SuccessorsMessages)
            trial.Findings.AddLost(trial, 1, $"the last message was {next - 1}, but {begun + SuccessorsMessages - 1} was written.");
        trial.Await(() => reader.Peers.Count == 0, "everyone who came is known to have left");
    }

    private static void WriteAsSuccessor(Trial trial, ref long begun)
    {
        trial.Await(() => trial.IsGone, "the victim has ended");
        try
        {
            using SharedQueueWriter<Mark> writer =
                SharedQueue.OpenWriter<Mark>(trial.Name, new() { Producer = Producer }, cancellationToken: trial.Late);
            Volatile.Write(ref begun, writer.Position);
            for (int i = 0; i < SuccessorsMessages; i++)
                writer.Write(Mark.Of(Mark.Successor, writer.Position), trial.Late);
            writer.Complete();
        }
        catch (PeerRefusedException refused) when (refused.Reason == RefusalReason.Full)
        {
            // The victim had completed the queue: there is no place for anyone.
        }
    }
}
