using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Victims;

namespace TypedShm.CrashSweep.Scenes;

/// <summary>The reader of a queue dies that owns its name; a writer that reconnects goes on with the next reader.</summary>
internal sealed class QueueOwner : Scene
{
    private const int VictimsMessages = 48;
    private const int SuccessorsMessages = 5;

    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(50);

    public override string Name => "queue owner";

    public override string Code => "Qo";

    public override void Live(Life life) => ReadAsOwner(life);

    /// <summary>Owns the name of the queue, and reads it in every way.</summary>
    public static void ReadAsOwner(Life life)
    {
        using SharedQueueReader<Mark> reader = SharedQueue.CreateReader<Mark>(life.Name, QueueWriter.Options);
        QueueReader.ReadAll(life, reader, VictimsMessages);
    }

    public override void Survive(Trial trial)
    {
        using SharedQueueWriter<Mark> writer = SharedQueue.OpenWriter<Mark>(trial.Name, trial.Open);
        trial.Begin(writer);
        Task<long> successor = Task.Factory.StartNew(() => ReadAsSuccessor(trial), TaskCreationOptions.LongRunning);
        for (long written = 0; !successor.IsCompleted; written++)
        {
            Life.Pause(written);

            // The last reader of all has no successor: what is written then is for nobody.
            Mark mark = Mark.Of(Mark.Original, written);
            if (!trial.Wait(late => writer.TryWrite(mark, s_turn, late), late => writer.TryWriteAsync(mark, s_turn, late)))
                written--;
        }

        // What was written before the first message of the successor and is not lost was given back by the victim.
        trial.CheckGivenBack(successor.Result - writer.Lost);
    }

    private static long ReadAsSuccessor(Trial trial)
    {
        trial.Await(() => trial.IsGone, "the victim has ended");
        using SharedQueueReader<Mark> reader = SharedQueue.CreateReader<Mark>(trial.Name, QueueWriter.Options);
        Mark mark = reader.Read(trial.Late);
        long first = mark.Number;
        long next = trial.Check(in mark, first);
        while (next < first + SuccessorsMessages)
            next = trial.Check(reader.Read(trial.Late), next);
        return first;
    }
}
