using System.Globalization;
using System.Text;
using TypedShm.CrashSweep.Scenes;
using TypedShm.CrashSweep.Victims;
using TypedShm.Interop;

namespace TypedShm.CrashSweep.Driving;

/// <summary>Who ended where, and how often.</summary>
internal sealed class Tally
{
    private readonly Dictionary<(CrashStep Step, string Scene), int> _hits = [];

    public int Kills { get; private set; }

    public int Stops { get; private set; }

    public int AnyTime { get; private set; }

    /// <summary>Points where nobody ended.</summary>
    public CrashStep[] Missed => [.. Enum.GetValues<CrashStep>().Where(step => Hits(step).Count == 0)];

    public void Add(Trial trial)
    {
        Kills++;
        if (trial.Ending == Ending.AnyTime)
        {
            AnyTime++;
            return;
        }

        Stops += trial.Ending == Ending.Stop ? 1 : 0;
        (CrashStep, string) key = (trial.Step, trial.Scene.Name);
        _hits[key] = _hits.GetValueOrDefault(key) + 1;
    }

    /// <summary>Each point, with who ended there.</summary>
    public void Print(TextWriter output)
    {
        foreach (CrashStep step in Enum.GetValues<CrashStep>())
            output.WriteLine($"{step,-16} {Describe(step)}");
        output.WriteLine($"{"at any time",-16} {AnyTime}; stopped first {Stops}");
    }

    /// <summary>What is promised for each point, and how many ended there.</summary>
    public string Promises()
    {
        StringBuilder table = new("| last step | promised | ended there |\n| --- | --- | --- |\n");
        foreach (CrashStep step in Enum.GetValues<CrashStep>())
            table.Append(CultureInfo.InvariantCulture, $"| `{step}` | {Outcomes.Of(step)} | {Hits(step).Sum(hit => hit.Count)} |\n");
        return table.Append(CultureInfo.InvariantCulture, $"| any | as above, wherever it was | {AnyTime} |\n").ToString();
    }

    /// <summary>Which victim ended where, and how often.</summary>
    public string Grid()
    {
        StringBuilder table = new("| last step |");
        foreach (Scene scene in Scene.All)
            table.Append(CultureInfo.InvariantCulture, $" {scene.Code} |");
        table.Append("\n| --- |").Append(string.Concat(Enumerable.Repeat(" --- |", Scene.All.Length))).Append('\n');
        foreach (CrashStep step in Enum.GetValues<CrashStep>())
        {
            table.Append(CultureInfo.InvariantCulture, $"| `{step}` |");
            foreach (Scene scene in Scene.All)
                table.Append(_hits.TryGetValue((step, scene.Name), out int count)
                    ? string.Create(CultureInfo.InvariantCulture, $" {count} |")
                    : " |");
            table.Append('\n');
        }

        return table.ToString();
    }

    private List<(string Scene, int Count)> Hits(CrashStep step) =>
        [.. Scene.All.Select(scene => (scene.Name, _hits.GetValueOrDefault((step, scene.Name)))).Where(hit => hit.Item2 > 0)];

    private string Describe(CrashStep step)
    {
        List<(string Scene, int Count)> hits = Hits(step);
        return hits.Count == 0 ? "0" : $"{hits.Sum(hit => hit.Count)}: {string.Join(", ", hits.Select(hit => $"{hit.Scene} {hit.Count}"))}";
    }
}
