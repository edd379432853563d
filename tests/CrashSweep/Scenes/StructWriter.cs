using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Victims;

namespace TypedShm.CrashSweep.Scenes;

/// <summary>The writer of a live struct dies; its fields keep what was stored last, and readers go on with the next writer's.</summary>
internal sealed class StructWriter : Scene
{
    private const int Signals = 40;

    public override string Name => "struct writer";

    public override string Code => "Mw";

    public override void Live(Life life)
    {
        using SharedStructWriter<Mark> shared = SharedStruct.Create<Mark>(life.Name, new() { Wait = WaitMode.Park });
        life.AwaitPeers(shared);
        for (long number = 1; number <= Signals; number++)
        {
            Life.Pause(number);
            life.Begin(number);

            // One field: a live struct promises nothing of several.
            Volatile.Write(ref shared.Value.Number, number);
            shared.Signal();
            life.Done(number);
        }
    }

    public override void Survive(Trial trial)
    {
        using SharedStructReader<Mark> shared = SharedStruct.Open<Mark>(trial.Name, trial.Open);
        trial.Begin(shared);
        Task successor = trial.Beside(() => WriteAsSuccessor(trial, shared));
        long last = 0;
        while (true)
        {
            Mark mark = shared.Read();
            if (mark.Source == Mark.Successor)
                break;
            if (mark.Number < last)
                trial.Findings.AddDoubled(trial, 1, $"number {mark.Number} came after {last}.");
            last = mark.Number;
            if (trial.IsAsync)
                shared.WaitAsync(trial.Late).AsTask().GetAwaiter().GetResult();
            else
                shared.Wait(trial.Late);
        }

        successor.GetAwaiter().GetResult();
    }

    private static void WriteAsSuccessor(Trial trial, SharedStructReader<Mark> reader)
    {
        trial.Await(() => trial.IsGone, "the victim has ended");
        trial.AwaitLoss(reader);
        long last = reader.Read().Number;
        if (last < trial.Journal.Done || last > trial.Journal.Begun)
            trial.Findings.AddLost(trial, 1, $"{last} is there, but {trial.Journal.Done} was stored and {trial.Journal.Begun} begun.");

        using SharedStructWriter<Mark> shared = SharedStruct.Create<Mark>(trial.Name);
        shared.Value.Source = Mark.Successor;
        shared.Signal();
        trial.Await(
            () =>
            {
                // Whoever connects after a signal is not told of it.
                shared.Signal();
                return reader.Read().Source == Mark.Successor;
            },
            "the reader has the successor's value");
    }
}
