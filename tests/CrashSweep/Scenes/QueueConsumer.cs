using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Victims;

namespace TypedShm.CrashSweep.Scenes;

/// <summary>The reader of a queue dies that owns its name; a producer has kept what it had not given back for the next reader.</summary>
internal sealed class QueueConsumer : Scene
{
    private const int SuccessorsMessages = 12;

    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(50);

    public override string Name => "queue consumer";

    public override string Code => "Qk";

    public override void Live(Life life) => QueueOwner.ReadAsOwner(life);

    public override void Survive(Trial trial)
    {
        using SharedQueueWriter<Mark> writer = SharedQueue.OpenWriter<Mark>(trial.Name, trial.Open with { Producer = "survivor" });
        trial.Begin(writer);
        Task<long> successor = Task.Factory.StartNew(() => ReadAsSuccessor(trial), TaskCreationOptions.LongRunning);
        while (!successor.IsCompleted)
        {
            Life.Pause(writer.Position);
            Mark mark = Mark.Of(Mark.Original, writer.Position);
            trial.Wait(late => writer.TryWrite(mark, s_turn, late), late => writer.TryWriteAsync(mark, s_turn, late));
        }

        trial.CheckGivenBack(successor.Result);
        if (writer.Lost > 0)
            trial.Findings.AddLost(trial, writer.Lost, $"the writer says that {writer.Lost} messages are lost.");
    }

    // Everything that the victim had not given back, in order; and what it had dealt with is said to have come before.
    private static long ReadAsSuccessor(Trial trial)
    {
        trial.Await(() => trial.IsGone, "the victim has ended");
        long done = trial.Journal.Done;
        using SharedQueueReader<Mark> reader = SharedQueue.CreateReader<Mark>(trial.Name, QueueWriter.Options);
        long first = -1;
        long next = 0;
        do
        {
            using Lease<Mark> lease = reader.Lease(trial.Late);
            Mark mark = lease.Value;
            if (first < 0)
                first = next = mark.Number;
            next = trial.Check(in mark, next);
            if (mark.Number < done && !lease.IsRedelivery)
                trial.Findings.AddDoubled(trial, 1, $"message {mark.Number} came again as if it were new.");
        }
        while (next < first + SuccessorsMessages);
        return first;
    }
}
