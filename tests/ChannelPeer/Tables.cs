using System.Diagnostics;
using System.Globalization;
using TypedShm.TestMessages;

namespace TypedShm.ChannelPeer;

/// <summary>What the other process does with tables.</summary>
internal static class Tables
{
    /// <returns>False if there is no such command.</returns>
    public static bool Run(string[] args)
    {
        string name = args[1];
        switch (args[0])
        {
            // Writes each element, then half of the next value of one.
            case "table-half":
            {
                using SharedTableWriter<Quote> table = SharedTable.Create<Quote>(name, Number(2));
                for (int i = 0; i < table.Count; i++)
                    table.Write(i, Quote.Of(i));
                TableClaim<Quote> claim = table.Update(table.Count / 2);
                claim.Value.Number = -1;
                claim.Value.Twice = -1;
                Output.Say("half");
                Console.ReadLine();
                return true;
            }

            // Writes some elements a number of times at a given rate, and tells what it cost: NAME ELEMENTS SWEEPS HERTZ (0: without rest).
            case "table-load":
            {
                using SharedTableWriter<Quote> table = SharedTable.Create<Quote>(name, Number(2));
                Output.Say("open");
                Console.ReadLine();
                Load(table, Number(3), Number(4));
                Console.ReadLine();
                return true;
            }

            // Follows a table until every element has reached its last value, and tells what it saw.
            case "table-follow":
            {
                using SharedTableReader<Quote> table = SharedTable.Open<Quote>(name);
                Output.Say("open");
                Follow(table, Number(2));
                return true;
            }

            default:
                return false;
        }

        int Number(int index) => int.Parse(args[index], CultureInfo.InvariantCulture);
    }

    private static void Load(SharedTableWriter<Quote> table, int sweeps, int hertz)
    {
        long begun = Stopwatch.GetTimestamp();
        long writing = 0;
        int late = 0;
        for (int sweep = 1; sweep <= sweeps; sweep++)
        {
            long start = Stopwatch.GetTimestamp();
            using (TableBatch<Quote> batch = table.Batch())
            {
                for (int i = 0; i < table.Count; i++)
                    batch.Write(i, Quote.Of(sweep));
            }

            long end = Stopwatch.GetTimestamp();
            writing += end - start;
            if (hertz == 0)
                continue;
            long due = begun + (sweep * Stopwatch.Frequency / hertz);
            if (end > due)
                late++;
            else if (Stopwatch.GetElapsedTime(end, due) is { TotalMilliseconds: > 0 } pause)
                Thread.Sleep(pause);
        }

        TimeSpan processor = Process.GetCurrentProcess().TotalProcessorTime;
        Output.Say(string.Create(CultureInfo.InvariantCulture, $"wrote {(long)sweeps * table.Count} in "
            + $"{Stopwatch.GetElapsedTime(begun).TotalSeconds:0.00} s, "
            + $"{writing * 1e9 / Stopwatch.Frequency / sweeps / table.Count:0.0} ns each, {late} sweeps late, "
            + $"{processor.TotalSeconds:0.00} s of processor time"));
    }

    private static void Follow(SharedTableReader<Quote> table, int last)
    {
        TableGeneration known = default;
        long seen = 0, passes = 0, contended = 0, going = 0;
        long[] numbers = new long[table.Count];
        int done = 0;
        while (done < table.Count)
        {
            table.Wait(known);
            long start = Stopwatch.GetTimestamp();
            foreach (int i in table.TakeChanges(ref known))
            {
                if (!table.TryRead(i, out Quote quote, out long version))
                {
                    contended++;
                    continue;
                }

                if ((version != 0 && !quote.IsWhole) || quote.Number < numbers[i])
                    throw new InvalidOperationException($"Element {i} is {quote.Number} after {numbers[i]}, whole: {quote.IsWhole}.");
                if (numbers[i] != last && quote.Number == last)
                    done++;
                numbers[i] = quote.Number;
                seen++;
            }

            going += Stopwatch.GetTimestamp() - start;
            passes++;
        }

        TimeSpan processor = Process.GetCurrentProcess().TotalProcessorTime;
        Output.Say(string.Create(CultureInfo.InvariantCulture, $"saw {seen} changes in {passes} passes, "
            + $"{going * 1e9 / Stopwatch.Frequency / seen:0.0} ns each, {contended} contended, {processor.TotalSeconds:0.00} s of "
            + $"processor time"));
    }
}
