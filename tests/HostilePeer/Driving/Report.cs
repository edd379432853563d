using TypedShm.HostilePeer.Attacks;

namespace TypedShm.HostilePeer.Driving;

/// <summary>The tables of a run.</summary>
internal static class Report
{
    /// <summary>How many of the inputs got past the first message.</summary>
    public static double PastHello(Tally tally)
    {
        long all = tally.Inputs.Values.Sum();
        return all == 0 ? 0 : (double)tally.Inputs.Keys.Sum(kind => tally.StepsOf(kind)[(int)Step.Hello]) / all;
    }

    public static void Write(TextWriter output, Tally tally, Dictionary<string, long> met)
    {
        output.WriteLine();
        output.WriteLine($"{"kind",-16} {"inputs",9} {"connected",10} {"past Hello",10} {"open",9} {"ms each",9}");
        foreach (Attack attack in Attack.All.Where(attack => tally.Inputs.ContainsKey(attack.Name)))
        {
            long[] steps = tally.StepsOf(attack.Name);
            double each = tally.Times[attack.Name] / tally.Inputs[attack.Name];
            output.WriteLine(
                $"{attack.Name,-16} {tally.Inputs[attack.Name],9:N0} {steps[0],10:N0} {steps[1],10:N0} {steps[2],9:N0} {each,9:N2}");
        }

        output.WriteLine();
        output.WriteLine("what became of them");
        foreach (Attack attack in Attack.All.Where(attack => tally.Outcomes.ContainsKey(attack.Name)))
        {
            IEnumerable<KeyValuePair<string, long>> outcomes = tally.Outcomes[attack.Name].OrderByDescending(pair => pair.Value);
            output.WriteLine($"{attack.Name,-16} {string.Join(", ", outcomes.Select(pair => $"{pair.Key} {pair.Value:N0}"))}");
        }

        output.WriteLine();
        output.WriteLine("exceptions that the attacked processes met, of those that the library documents");
        foreach ((string what, long count) in met.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            output.WriteLine($"{what,-48} {count,9:N0}");
        output.WriteLine();
    }
}
