using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Victims;

namespace TypedShm.CrashSweep.Scenes;

/// <summary>A reader of a table dies; the writer goes on, and another reader finds everything.</summary>
internal sealed class TableReader : Scene
{
    private const int Changes = 60;

    public override string Name => "table reader";

    public override string Code => "Tr";

    public override void Live(Life life)
    {
        using SharedTableReader<Mark> table = SharedTable.Open<Mark>(life.Name, Life.Open);
        TableGeneration known = default;
        long last = 0;
        while (last < Changes)
        {
            foreach (int element in table.TakeChanges(ref known))
            {
                // To whoever knows nothing every element has changed, also one that was never written.
                if (!table.TryRead(element, out Mark mark, out long version) || version == 0)
                    continue;
                life.Check(in mark, mark.Number);
                last = Math.Max(last, mark.Number);
            }

            if (last < Changes)
                table.Wait(known);
        }
    }

    public override void Survive(Trial trial)
    {
        using SharedTableWriter<Mark> table = SharedTable.Create<Mark>(
            trial.Name, TableWriter.Elements, new() { Wait = WaitMode.Park, Fence = trial.Fence });
        trial.Begin(table);
        trial.Await(() => table.Peers.Count > 0 || trial.IsGone, "the victim has come or gone");
        for (long number = 1; number <= Changes; number++)
        {
            Life.Pause(number);
            table.Write(TableWriter.ElementOf(number), Mark.Of(Mark.Original, number));
        }

        trial.Await(() => trial.IsGone && table.Peers.Count == 0, "the reader is known to have left");
        table.Write(3, Mark.Of(Mark.Successor, 1));
        using SharedTableReader<Mark> successor = SharedTable.Open<Mark>(trial.Name, cancellationToken: trial.Late);
        TableGeneration known = default;
        int found = 0;
        foreach (int element in successor.TakeChanges(ref known))
            found += successor.Read(element).IsWhole ? 1 : 0;

        // The changes are of different elements, and the last one of one more.
        int expected = Enumerable.Range(1, Changes).Select(number => TableWriter.ElementOf(number)).Append(3).Distinct().Count();
        if (found != expected)
            trial.Findings.AddLost(trial, expected - found, $"the next reader finds {found} of {expected} elements.");
    }
}
