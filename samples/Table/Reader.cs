using TypedShm;

namespace Counters;

internal static class Reader
{
    /// <summary>Keeps a copy of the table, of which it takes nothing but changes, until the writer is gone.</summary>
    public static int Run(string name)
    {
        using SharedTableReader<Counter> table = SharedTable.Open<Counter>(name);
        Counter[] copy = new Counter[table.Count];
        int[] changes = new int[table.Count];
        long passes = 0, taken = 0;

        // The default knows nothing, so the first pass takes all rows.
        TableGeneration known = default;
        try
        {
            while (true)
            {
                foreach (int row in table.TakeChanges(ref known))
                {
                    copy[row] = table.Read(row);
                    changes[row]++;
                    taken++;
                }

                passes++;
                table.Wait(known);
            }
        }
        catch (PeerGoneException)
        {
            // The writer has closed the table, or was killed. What it wrote can still be read.
        }

        Console.WriteLine($"reader, process {Environment.ProcessId}: read {taken:N0} rows in {passes} passes, up to change "
            + $"{known.Changes:N0}; without the table's help it would have been {passes * table.Count:N0} rows");
        foreach (int row in Enumerable.Range(0, table.Count).OrderByDescending(row => changes[row]).Take(5))
            Console.WriteLine($"  seen {changes[row],3} times, now {copy[row].Value,14:N0}: {copy[row].Name.ToString()}");

        int missed = Enumerable.Range(0, table.Count).Count(row => copy[row].Value != table.Read(row).Value);
        if (missed > 0)
            Console.Error.WriteLine($"The copy differs from the table in {missed} rows.");
        return missed == 0 ? 0 : 1;
    }
}
