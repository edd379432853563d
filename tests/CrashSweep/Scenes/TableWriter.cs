using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Victims;

namespace TypedShm.CrashSweep.Scenes;

/// <summary>The writer of a table dies; each element keeps its last value, and readers go on with the next table.</summary>
internal sealed class TableWriter : Scene
{
    /// <summary>More than a block.</summary>
    public const int Elements = 70;

    private const int Changes = 100;

    public override string Name => "table writer";

    public override string Code => "Tw";

    /// <summary>The element that a change is of.</summary>
    public static int ElementOf(long number) => (int)(number * 7 % Elements);

    public override void Live(Life life)
    {
        using SharedTableWriter<Mark> table = SharedTable.Create<Mark>(life.Name, Elements, new() { Wait = WaitMode.Park });
        life.AwaitPeers(table);
        for (long number = 1; number <= Changes; number++)
        {
            Life.Pause(number);
            life.Begin(number);
            if (number % 2 == 0)
            {
                table.Write(ElementOf(number), Mark.Of(Mark.Original, number));
            }
            else
            {
                using TableClaim<Mark> claim = table.Replace(ElementOf(number));
                claim.Value = Mark.Of(Mark.Original, number);
                claim.Commit();
            }

            life.Done(number);
        }
    }

    public override void Survive(Trial trial)
    {
        using SharedTableReader<Mark> table = SharedTable.Open<Mark>(trial.Name, trial.Open with { KeepDescriptor = true });
        trial.Begin(table);
        Task successor = trial.Beside(() => WriteAsSuccessor(trial, table));
        TableGeneration known = default;
        bool isOver = false;
        while (!isOver)
        {
            foreach (int element in table.TakeChanges(ref known))
                isOver |= Check(trial, table, element, 0).Source == Mark.Successor;
            if (isOver)
                break;
            if (trial.IsAsync)
                table.WaitAsync(known, trial.Late).AsTask().GetAwaiter().GetResult();
            else
                table.Wait(known, trial.Late);
        }

        successor.GetAwaiter().GetResult();
    }

    private static Mark Check(Trial trial, SharedTableReader<Mark> table, int element, long least)
    {
        bool read = table.TryRead(element, out Mark mark, out long version);
        if (!read || version == 0)
            return default;
        if (!mark.IsWhole)
            trial.Findings.AddTorn(trial, 1, $"element {element} is not whole.");
        else if (mark.Source == Mark.Original && (ElementOf(mark.Number) != element || mark.Number < least))
            trial.Findings.AddLost(trial, 1, $"element {element} has the value of change {mark.Number}, not {least} or later.");
        return mark;
    }

    private static void WriteAsSuccessor(Trial trial, SharedTableReader<Mark> reader)
    {
        trial.Await(() => trial.IsGone, "the victim has ended");
        trial.AwaitLoss(reader);

        // Every change that was made is there, whether it was announced or not.
        for (long number = Math.Max(1, trial.Journal.Done - Elements + 1); number <= trial.Journal.Done; number++)
        {
            if (Check(trial, reader, ElementOf(number), number).Number == 0)
                trial.Findings.AddLost(trial, 1, $"element {ElementOf(number)} has no value, though change {number} was made.");
        }

        // So they are in the table that goes on from it.
        using SharedTableWriter<Mark> table = SharedTable.Create<Mark>(
            trial.Name, Elements, new() { BeginFrom = reader.Count == 0 ? null : reader.Region.Descriptor });
        for (int element = 0; element < Elements && reader.Count > 0; element++)
        {
            reader.TryRead(element, out Mark last, out long version);
            if (table.Read(element, out long begun).Number != last.Number || begun != version)
                trial.Findings.AddLost(trial, 1, $"the successor begins with version {begun} of element {element}, not {version}.");
        }

        table.Write(3, Mark.Of(Mark.Successor, 1));
        trial.Await(() => reader.Count > 0 && reader.TryRead(3, out Mark mark) && mark.Source == Mark.Successor,
            "the reader has the successor's value");
    }
}
