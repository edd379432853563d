using System.Globalization;
using TypedShm.CrashSweep.Scenes;
using TypedShm.CrashSweep.Victims;
using TypedShm.Interop;
using TypedShm.TestKit;

namespace TypedShm.CrashSweep.Driving;

/// <summary>A run: finds out which scenes come by which points, plans who ends where, and does it.</summary>
internal sealed class Sweep : IDisposable
{
    // A victim that does not come to its point this time gets another chance, at the first time that it comes there.
    private const int Tries = 3;
    private const int SomeAtAnyTime = 8;
    private const int SomeStopped = 6;

    private readonly Fault _fault;
    private readonly TimeSpan _patience;
    private readonly TextWriter _output;
    private readonly Random _random;
    private readonly string _directory = Directory.CreateTempSubdirectory("typedshm-crash-").FullName;
    private readonly Journal _journal;
    private readonly Stage _stage;
    private int _number;

    public Sweep(int seed, Fault fault, TimeSpan patience, TextWriter output)
    {
        _fault = fault;
        _patience = patience;
        _output = output;
        _random = new Random(seed);
        string path = Path.Combine(_directory, "journal");
        _journal = new Journal(path);
        _stage = new Stage(path, fault);
        Findings = new Findings(output);
    }

    public Findings Findings { get; }

    public Tally Tally { get; } = new();

    public void Dispose()
    {
        _stage.Dispose();
        _journal.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Ends so many processes.</summary>
    /// <param name="kills">How many.</param>
    /// <param name="scenes">In which scenes.</param>
    /// <param name="only">At which points; all if empty.</param>
    public void Run(int kills, Scene[] scenes, CrashStep[] only)
    {
        List<(Scene Scene, CrashStep Step, int Times)> points = [];
        foreach (Scene scene in scenes)
        {
            using Trial trial = New(scene, Ending.None, default, 0);
            int[] counts = _stage.Watch(trial);
            for (int step = 0; step < counts.Length; step++)
            {
                if (counts[step] > 0 && (only.Length == 0 || only.Contains((CrashStep)step)))
                    points.Add((scene, (CrashStep)step, counts[step]));
            }
        }

        if (points.Count == 0)
            throw new InvalidOperationException("None of these scenes comes by any of these points.");
        ResourceCount before = ResourceCount.Now();
        (Scene Scene, CrashStep Step, int Times)[] order = Order(points);
        for (int i = 0; Tally.Kills < kills && i < kills + order.Length; i++)
        {
            (Scene scene, CrashStep step, int times) = order[i % order.Length];
            if (i >= order.Length / 4 && i % SomeAtAnyTime == 0 && only.Length == 0)
                Try(scene, Ending.AnyTime, step, 0, before);
            else
                Try(scene, i % SomeStopped == SomeStopped - 1 ? Ending.Stop : Ending.Kill, step, times, before);
        }
    }

    // First one of each point, so that a short run has them all, then the others; both in an order of this run.
    private (Scene Scene, CrashStep Step, int Times)[] Order(List<(Scene Scene, CrashStep Step, int Times)> points)
    {
        (Scene, CrashStep Step, int)[] shuffled = [.. points];
        _random.Shuffle(shuffled);
        (Scene, CrashStep Step, int)[] first = [.. shuffled.DistinctBy(point => point.Step)];
        return [.. first, .. shuffled.Except(first)];
    }

    private void Try(Scene scene, Ending ending, CrashStep step, int times, ResourceCount before)
    {
        for (int i = 0; i < Tries; i++)
        {
            using Trial trial = New(scene, ending, step, i == 0 ? _random.Next(times) + 1 : 1);
            bool ended = _stage.End(trial, _random);
            CheckLeft(trial, before);
            if (ended)
            {
                Tally.Add(trial);
                return;
            }
        }

        _output.WriteLine($"  {scene.Name} did not come to {step} in {Tries} tries.");
    }

    private Trial New(Scene scene, Ending ending, CrashStep step, int occurrence)
    {
        _journal.Clear();
        return new Trial(_number++, scene, ending, step, occurrence, _journal, Findings, _patience);
    }

    // Nothing stays of anyone: in this process, and in the directory of names.
    private void CheckLeft(Trial trial, ResourceCount before)
    {
        try
        {
            before.Returns(trial.ToString()).WaitAsync(_patience).GetAwaiter().GetResult();
        }
        catch (TimeoutException)
        {
            Findings.AddLeaked(trial,
                string.Create(CultureInfo.InvariantCulture, $"more is held than before: {before}\nnow: {ResourceCount.Now()}"));
        }

        string[] names = [.. Directory.EnumerateFileSystemEntries(NamesDirectory.Path)];
        if (names.Length == 0)
            return;
        Findings.AddLeaked(trial, $"files stay: {string.Join(' ', names.Select(Path.GetFileName))}.");
        foreach (string name in names)
            File.Delete(name);
    }
}
