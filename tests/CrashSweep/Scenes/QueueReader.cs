using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Victims;

namespace TypedShm.CrashSweep.Scenes;

/// <summary>The reader of a queue dies that its writer owns; the writer learns how far it had come.</summary>
internal sealed class QueueReader : Scene
{
    private const int Messages = 60;

    public override string Name => "queue reader";

    public override string Code => "Qr";

    /// <summary>Reads in every way until the queue is complete.</summary>
    public static void ReadAll(Life life, SharedQueueReader<Mark> reader, long most = long.MaxValue)
    {
        long next = 0;
        for (int round = 0; next < most && reader.WaitToRead(); round++)
        {
            next = (round % 4) switch
            {
                0 => Read(life, reader, next),
                1 => Lease(life, reader, next),
                2 => LeaseBatch(life, reader, next),
                _ => Hold(life, reader, next),
            };
        }
    }

    public override void Live(Life life)
    {
        using SharedQueueReader<Mark> reader = SharedQueue.OpenReader<Mark>(life.Name, Life.Open);
        ReadAll(life, reader);
    }

    public override void Survive(Trial trial)
    {
        using (SharedQueueWriter<Mark> writer =
            SharedQueue.CreateWriter<Mark>(trial.Name, QueueWriter.Options with { Fence = trial.Fence }))
        {
            int left = 0;
            writer.PeerLeft += (_, _) => Interlocked.Increment(ref left);
            int joined = 0;
            writer.PeerJoined += (_, _) => Interlocked.Increment(ref joined);
            trial.Begin(writer);
            WriteAll(trial, writer);
            trial.Await(() => trial.IsGone, "the victim has ended");
            trial.Await(() => writer.Peers.Count == 0 && Volatile.Read(ref left) == Volatile.Read(ref joined),
                "the reader is known to have left");
        }

        // The name is free for the next queue, of which nothing is missing.
        using SharedQueueWriter<Mark> successor = SharedQueue.CreateWriter<Mark>(trial.Name, QueueWriter.Options);
        using SharedQueueReader<Mark> reader = SharedQueue.OpenReader<Mark>(trial.Name, cancellationToken: trial.Late);
        for (int i = 0; i < 3; i++)
            successor.Write(Mark.Of(Mark.Successor, i), trial.Late);
        for (int i = 0; i < 3; i++)
            trial.Check(reader.Read(trial.Late), i);
    }

    private static void WriteAll(Trial trial, SharedQueueWriter<Mark> writer)
    {
        // A queue that nobody ever reads holds its writer up for ever.
        CancellationToken neverCame = trial.NeverCame(writer);
        long written = 0;
        try
        {
            for (; written < Messages; written++)
            {
                Life.Pause(written);
                writer.Write(Mark.Of(Mark.Original, written), neverCame);
            }

            writer.Complete();
        }
        catch (PeerGoneException gone)
        {
            if (gone.MessagesRead != written - writer.Lost)
                trial.Findings.AddLost(
                    trial, 1, $"the exception says that {gone.MessagesRead} messages were read, the writer {written - writer.Lost}.");
            trial.CheckGivenBack(written - writer.Lost);
        }
        catch (OperationCanceledException) when (trial.IsGone && !trial.Late.IsCancellationRequested)
        {
            // It never came.
        }
    }

    private static long Read(Life life, SharedQueueReader<Mark> reader, long next)
    {
        // What is copied out is given back by the same call.
        life.Begin(next + 1);
        if (!reader.TryRead(out Mark mark))
            return next;
        life.Check(in mark, next);
        life.Done(next + 1);
        return next + 1;
    }

    private static long Lease(Life life, SharedQueueReader<Mark> reader, long next)
    {
        if (!reader.TryLease(out Lease<Mark> lease))
            return next;
        life.Check(lease.Value, next);
        if (life.Is(Fault.HeadBeforeDelivery))
            lease.Dispose();
        life.Begin(next + 1);
        life.Done(next + 1);
        lease.Dispose();
        return next + 1;
    }

    private static long LeaseBatch(Life life, SharedQueueReader<Mark> reader, long next)
    {
        if (!reader.TryLeaseBatch(3, out MessageBatch<Mark> batch))
            return next;
        for (int i = 0; i < batch.Count; i++)
            life.Check(batch[i], next + i);
        next += batch.Count;
        life.Begin(next);
        life.Done(next);
        batch.Dispose();
        return next;
    }

    private static long Hold(Life life, SharedQueueReader<Mark> reader, long next)
    {
        if (!reader.TryLease(out Lease<Mark> lease))
            return next;
        using HeldMessage<Mark> held = lease.Hold();
        life.Check(held.Value, next);
        life.Begin(next + 1);
        life.Done(next + 1);
        return next + 1;
    }
}
