using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Victims;

namespace TypedShm.CrashSweep.Scenes;

/// <summary>A reader of a state dies, which has reconnected before; the writer goes on, and another reader comes.</summary>
internal sealed class StateReader : Scene
{
    // The last value of each of the two writers that the victim meets.
    private const int Middle = 24;
    private const int Values = 48;

    public override string Name => "state reader";

    public override string Code => "Sr";

    public override void Live(Life life)
    {
        using SharedStateReader<Mark> state = SharedState.Open<Mark>(life.Name, Life.Open with { Reconnect = true });
        long last = 0;
        for (int round = 0; last < Values; round++)
        {
            StateGeneration generation;
            if (round % 2 == 0)
            {
                Mark mark = state.Read(out generation);
                if (generation.Version != 0)
                    last = Check(life, in mark, last);
            }
            else
            {
                StateLease<Mark> lease = state.Lease();
                Mark mark = lease.Value;
                generation = lease.Generation;
                if (lease.IsIntact && generation.Version != 0)
                    last = Check(life, in mark, last);
            }

            if (last < Values)
                state.Wait(generation);
        }
    }

    public override void Survive(Trial trial)
    {
        long number = 0;
        using (SharedStateWriter<Mark> first = Create(trial))
        {
            trial.Begin(first);
            WriteUntil(trial, first, ref number, Middle);
        }

        using SharedStateWriter<Mark> state = Create(trial);
        WriteUntil(trial, state, ref number, Values);
        trial.Await(() => trial.IsGone, "the victim has ended");
        trial.Await(() => state.Peers.Count == 0, "the reader is known to have left");

        state.Write(Mark.Of(Mark.Successor, 1));
        using SharedStateReader<Mark> successor = SharedState.Open<Mark>(trial.Name, cancellationToken: trial.Late);
        Mark read = successor.Read();
        if (!read.IsWhole || read.Source != Mark.Successor)
            trial.Findings.AddLost(trial, 1, "the next reader has another value than the last.");
    }

    private static SharedStateWriter<Mark> Create(Trial trial) =>
        SharedState.Create<Mark>(trial.Name, new() { Wait = WaitMode.Park, Fence = trial.Fence });

    private static void WriteUntil(Trial trial, SharedStateWriter<Mark> state, ref long number, long last)
    {
        // The last value stays; those before are for whoever is there.
        while (number < last)
        {
            trial.Await(() => state.Peers.Count > 0 || trial.IsGone, "the victim has come or gone");
            Life.Pause(number);
            state.Write(Mark.Of(Mark.Original, ++number));
        }
    }

    private static long Check(Life life, in Mark mark, long last)
    {
        life.Check(in mark, Math.Max(last, mark.Number));
        return mark.Number;
    }
}
