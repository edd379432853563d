using System.CommandLine;
using TypedShm.CrashSweep;
using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Scenes;
using TypedShm.CrashSweep.Victims;
using TypedShm.Interop;

// The processes of a run.
if (args is ["victim"])
{
    await Victim.Obey().ConfigureAwait(false);
    return 0;
}

Option<int> kills = new("--kills") { Description = "How many processes are killed.", DefaultValueFactory = _ => 1_000 };
Option<int> seed = new("--seed") { Description = "Decides who ends where.", DefaultValueFactory = _ => 1 };
Option<string[]> scenes = new("--scene") { Description = "Only these channels and roles.", AllowMultipleArgumentsPerToken = true };
scenes.AcceptOnlyFromAmong([.. Scene.All.Select(scene => scene.Name)]);
Option<CrashStep[]> points = new("--point") { Description = "Only at these points.", AllowMultipleArgumentsPerToken = true };
Option<string> fault = new("--break") { Description = "What is done wrong, which the run has to notice." };
fault.AcceptOnlyFromAmong("no-wake-on-eof", "commit-before-fill", "head-before-delivery", "forward-batch-commit", "leaked-descriptor");
Option<double> patience =
    new("--patience") { Description = "Seconds in which a survivor has to know and be done.", DefaultValueFactory = _ => 20 };
Option<string> matrix = new("--matrix") { Description = "Writes what was done and found to this file." };
Option<bool> list = new("--list") { Description = "Says which points and scenes there are." };

RootCommand command = new("Kills and stops processes at every step of every protocol, and at any time, and looks at who is left.")
{
    kills, seed, scenes, points, fault, patience, matrix, list,
};
command.SetAction(parsed =>
{
    if (parsed.GetValue(list))
    {
        foreach (CrashStep step in Enum.GetValues<CrashStep>())
            Console.WriteLine($"{step,-16} {Outcomes.Of(step)}");
        foreach (Scene scene in Scene.All)
            Console.WriteLine(scene.Name);
        return 0;
    }

    Fault wrong = parsed.GetValue(fault) is { } name
        ? Enum.Parse<Fault>(name.Replace("-", "", StringComparison.Ordinal), ignoreCase: true)
        : Fault.None;
    Scene[] chosen = parsed.GetValue(scenes) is { Length: > 0 } some ? [.. some.Select(Scene.Named)] : Scene.All;
    CrashStep[] only = parsed.GetValue(points) ?? [];
    int wanted = parsed.GetValue(kills);
    using Sweep sweep = new(parsed.GetValue(seed), wrong, TimeSpan.FromSeconds(parsed.GetValue(patience)), Console.Out);
    sweep.Run(wanted, chosen, only);
    sweep.Tally.Print(Console.Out);

    // A part of the points is a part of the promise: only a run of all of them has to have hit each.
    bool isWhole = only.Length == 0 && chosen.Length == Scene.All.Length && wanted >= Enum.GetValues<CrashStep>().Length;
    bool isMissing = isWhole && sweep.Tally.Missed.Length > 0;
    if (isMissing)
        Console.WriteLine($"Nobody ended at {string.Join(", ", sweep.Tally.Missed)}.");
    string result = Report.Result(sweep);
    if (parsed.GetValue(matrix) is { } file)
        Report.Write(file, sweep, parsed.GetValue(seed), parsed.GetValue(patience), result);
    Console.WriteLine(result);
    return sweep.Findings.Any || isMissing ? 1 : 0;
});
return await command.Parse(args).InvokeAsync().ConfigureAwait(false);
