using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Victims;

namespace TypedShm.CrashSweep.Scenes;

/// <summary>A writer of a queue dies; the reader, who owns the name, reads what it left, and then its successor.</summary>
internal sealed class QueueWriter : Scene
{
    private const int Messages = 48;
    private const int Batch = 3;
    private const int SuccessorsMessages = 5;

    public static SharedQueueOptions Options => new() { Capacity = 8, PayloadCapacity = 32, Wait = WaitMode.Park };

    public override string Name => "queue writer";

    public override string Code => "Qw";

    public override void Live(Life life)
    {
        using SharedQueueWriter<Mark> writer = SharedQueue.OpenWriter<Mark>(life.Name, Life.Open);
        WriteAll(life, writer);
    }

    /// <summary>Writes in every way, and completes the queue.</summary>
    public static void WriteAll(Life life, SharedQueueWriter<Mark> writer)
    {
        long next = 0;
        for (int round = 0; next < Messages; round++)
        {
            Life.Pause(round);
            next = (round % 4) switch
            {
                0 => Write(life, writer, next),
                1 => Claim(life, writer, next),
                2 => WriteBatch(life, writer, next),
                _ => WritePayload(life, writer, next),
            };
        }

        writer.Complete();
    }

    public override void Survive(Trial trial)
    {
        using SharedQueueReader<Mark> reader = SharedQueue.CreateReader<Mark>(trial.Name, Options with { Fence = trial.Fence });
        int left = 0;
        reader.PeerLeft += (_, _) => Interlocked.Increment(ref left);
        int joined = 0;
        reader.PeerJoined += (_, _) => Interlocked.Increment(ref joined);
        trial.Begin(reader);
        Task successor = trial.Beside(() => WriteAsSuccessor(trial));
        long[] next = new long[2];
        while (trial.Wait(reader.WaitToRead, reader.WaitToReadAsync))
        {
            while (reader.TryRead(out Mark mark))
            {
                ref long due = ref next[mark.Source == Mark.Successor ? 1 : 0];
                due = trial.Check(in mark, due);

                // So that the lane is full now and then, and its writer sleeps.
                if (due % 16 == 0)
                    Thread.Sleep(1);
            }
        }

        trial.Await(() => trial.IsGone, "the victim has ended");
        trial.CheckCommitted(next[0]);
        successor.GetAwaiter().GetResult();
        trial.Await(() => reader.Peers.Count == 0 && Volatile.Read(ref left) == Volatile.Read(ref joined),
            "everyone who came is known to have left");
    }

    private static void WriteAsSuccessor(Trial trial)
    {
        trial.Await(() => trial.IsGone, "the victim has ended");
        try
        {
            using SharedQueueWriter<Mark> writer = SharedQueue.OpenWriter<Mark>(trial.Name, cancellationToken: trial.Late);
            for (int i = 0; i < SuccessorsMessages; i++)
                writer.Write(Mark.Of(Mark.Successor, i), trial.Late);
            writer.Complete();
        }
        catch (PeerRefusedException refused) when (refused.Reason == RefusalReason.Full)
        {
            // The victim had completed the queue: there is no place for anyone.
        }
    }

    private static long Write(Life life, SharedQueueWriter<Mark> writer, long next)
    {
        life.Begin(next + 1);
        writer.Write(Mark.Of(Mark.Original, next));
        life.Done(next + 1);
        return next + 1;
    }

    private static long WritePayload(Life life, SharedQueueWriter<Mark> writer, long next)
    {
        Span<byte> payload = stackalloc byte[(int)(next % 32)];
        payload.Fill((byte)next);
        life.Begin(next + 1);
        writer.Write(Mark.Of(Mark.Original, next), payload);
        life.Done(next + 1);
        return next + 1;
    }

    private static long Claim(Life life, SharedQueueWriter<Mark> writer, long next)
    {
        using Claim<Mark> claim = writer.Claim();
        ref Mark slot = ref claim.Value;
        life.Begin(next + 1);
        if (!life.Is(Fault.CommitBeforeFill))
            slot = Mark.Of(Mark.Original, next);
        claim.Commit();
        if (life.Is(Fault.CommitBeforeFill))
            slot = Mark.Of(Mark.Original, next);
        life.Done(next + 1);
        return next + 1;
    }

    private static long WriteBatch(Life life, SharedQueueWriter<Mark> writer, long next)
    {
        Span<Mark> batch = stackalloc Mark[Batch];
        for (int i = 0; i < batch.Length; i++)
            batch[i] = Mark.Of(Mark.Original, next + i);
        life.Begin(next + batch.Length);

        // To a reader, one after the other is what a batch looks like whose first message is committed first.
        for (int i = 0; i < batch.Length && life.Is(Fault.ForwardBatchCommit); i++)
            writer.Write(batch[i]);
        if (!life.Is(Fault.ForwardBatchCommit))
            writer.WriteBatch(batch);
        life.Done(next + batch.Length);
        return next + batch.Length;
    }
}
