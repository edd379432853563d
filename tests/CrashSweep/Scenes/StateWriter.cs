using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Victims;

namespace TypedShm.CrashSweep.Scenes;

/// <summary>The writer of a state dies; its readers keep the last value, and go on with that of its successor.</summary>
internal sealed class StateWriter : Scene
{
    private const int Values = 48;

    public override string Name => "state writer";

    public override string Code => "Sw";

    public override void Live(Life life)
    {
        using SharedStateWriter<Mark> state = SharedState.Create<Mark>(life.Name, new() { Wait = WaitMode.Park, PublishTimes = true });
        life.AwaitPeers(state);
        for (long number = 1; number <= Values; number++)
        {
            Life.Pause(number);
            if (number % 3 == 0)
            {
                life.Begin(number);
                state.Write(Mark.Of(Mark.Original, number));
            }
            else
            {
                using StateClaim<Mark> claim = number % 3 == 1 ? state.Update() : state.Replace();
                claim.Value = Mark.Of(Mark.Original, number);
                life.Begin(number);
                claim.Commit();
            }

            life.Done(number);
        }
    }

    public override void Survive(Trial trial)
    {
        using SharedStateReader<Mark> state = SharedState.Open<Mark>(trial.Name, trial.Open with { KeepDescriptor = true });
        trial.Begin(state);
        Task successor = trial.Beside(() => WriteAsSuccessor(trial, state));
        long last = 0;
        while (true)
        {
            Mark mark = state.Read(out StateGeneration generation);
            if (generation.Version != 0)
            {
                if (!mark.IsWhole)
                    trial.Findings.AddTorn(trial, 1, $"the value after {last} is not whole.");
                else if (mark.Source == Mark.Successor)
                    break;
                else if (mark.Number < last)
                    trial.Findings.AddDoubled(trial, 1, $"value {mark.Number} came after {last}.");
                last = mark.Number;
            }

            if (trial.IsAsync)
                state.WaitAsync(generation, trial.Late).AsTask().GetAwaiter().GetResult();
            else
                state.Wait(generation, trial.Late);
        }

        successor.GetAwaiter().GetResult();
    }

    private static void WriteAsSuccessor(Trial trial, SharedStateReader<Mark> reader)
    {
        trial.Await(() => trial.IsGone, "the victim has ended");
        trial.AwaitLoss(reader);

        // What the victim had published is still there: it is the last value.
        Mark mark = reader.Read(out StateGeneration generation);
        if (generation.Version != 0 || trial.Journal.Done > 0)
        {
            if (!mark.IsWhole)
                trial.Findings.AddTorn(trial, 1, "the last value is not whole.");
            trial.CheckCommitted(mark.Number);
        }

        // And it is what the successor begins with, if there was any.
        using SharedStateWriter<Mark> state = SharedState.Create<Mark>(trial.Name,
            new() { PublishTimes = true, BeginFrom = generation.Version == 0 ? null : reader.Region.Descriptor });
        if (state.Version != generation.Version || state.Read() is var begun && (begun.Number, begun.Source) != (mark.Number, mark.Source))
            trial.Findings.AddLost(trial, 1, $"the successor begins with version {state.Version}, not {generation.Version}.");
        trial.Await(() => reader.State == ConnectionState.Connected, "the reader has come to the successor");
        if (generation.Version != 0 && reader.HasChanged(generation))
            trial.Findings.AddDoubled(trial, 1, $"the reader takes version {generation.Version}, which it has read, for another.");
        state.Write(Mark.Of(Mark.Successor, 1));
        trial.Await(() => reader.HasValue && reader.Read().Source == Mark.Successor, "the reader has the successor's value");
    }
}
