using System.CommandLine;
using TypedShm.Soak;
using TypedShm.Soak.Hot;
using TypedShm.Soak.Opens;
using TypedShm.Soak.Runs;
using TypedShm.TestKit;

// The processes of a run.
switch (args)
{
    case ["filtered", .. string[] rest]:
        SystemCallFilter.Exec(Environment.ProcessPath!, [typeof(Side).Assembly.Location, .. rest], ("membarrier", 1));
        return 1;
    case ["own", var kind, var name]:
        await Owner.Run(kind, name).ConfigureAwait(false);
        return 0;
    case ["write" or "read", ..]:
    {
        Side.EndWithDriver();
        Plan plan = Side.Plan(args);
        Tally tally = new();
        Run run = Run.Of(plan.Channel);
        if (args[0] == "write")
        {
            using Meeting meeting = Meeting.Host(plan);
            await run.Write(plan, tally, meeting).ConfigureAwait(false);
        }
        else
        {
            using Meeting meeting = Meeting.Join(plan);
            await run.Read(plan, tally, meeting).ConfigureAwait(false);
            meeting.Say();
        }

        Console.WriteLine(tally.ToJson());
        return 0;
    }
}

Option<long> messages = new("--messages") { Description = "Messages of each run.", DefaultValueFactory = _ => 1_000_000 };
Option<Channel[]> channels = new("--channel") { Description = "Only these channels.", AllowMultipleArgumentsPerToken = true };
Option<Waits[]> waits = new("--wait") { Description = "Only these ways to wait.", AllowMultipleArgumentsPerToken = true };
Option<Fences[]> fences = new("--fence") { Description = "Only these fences.", AllowMultipleArgumentsPerToken = true };
Option<string> fault =
    new("--break") { Description = "What the writer does wrong, which the reader has to report: tear, drop, double or early-commit." };
fault.AcceptOnlyFromAmong("tear", "drop", "double", "early-commit");
Option<bool> storm = new("--storm") { Description = "Stop the processes at random for up to a millisecond, and let signals rain on them." };

RootCommand command =
    new("Runs each channel between two processes, in each way to wait and with each fence, and checks every message.") { messages,
    channels, waits, fences, fault, storm };
command.SetAction(async (parsed, _) =>
{
    Fault wrong = parsed.GetValue(fault) is { } name
        ? Enum.Parse<Fault>(name.Replace("-", "", StringComparison.Ordinal), ignoreCase: true)
        : Fault.None;
    Driver driver = new(parsed.GetValue(messages), wrong, parsed.GetValue(storm), Console.Out);
    foreach (Channel channel in Given(channels))
    {
        foreach (Waits wait in Given(waits))
        {
            foreach (Fences fence in Given(fences))
                await driver.Run(channel, wait, fence).ConfigureAwait(false);
        }
    }

    driver.Conclude();
    return driver.Failed ? 1 : 0;

    T[] Given<T>(Option<T[]> option)
        where T : struct, Enum => parsed.GetValue(option) is { Length: > 0 } chosen ? chosen : Enum.GetValues<T>();
});

Option<int> opens = new("--count") { Description = "How often each channel is opened.", DefaultValueFactory = _ => 20_000 };
Option<Kind[]> kinds = new("--channel") { Description = "Only these channels.", AllowMultipleArgumentsPerToken = true };
Command cancelled = new(
    "opens", "Opens each channel of another process, cancelled after 0 to 5 ms, and looks what is left.") { opens, kinds };
cancelled.SetAction(async (parsed, _) =>
{
    NamesDirectory.Use();
    CancelledOpens run = new(parsed.GetValue(opens), Console.Out);
    foreach (Kind kind in parsed.GetValue(kinds) is { Length: > 0 } chosen ? chosen : Enum.GetValues<Kind>())
        await run.Run(kind).ConfigureAwait(false);
    return 0;
});
command.Add(cancelled);

Option<int> runs = new("--runs") { Description = "Runs of each size.", DefaultValueFactory = _ => 20 };
Option<double> seconds = new("--seconds") { Description = "How long each run is.", DefaultValueFactory = _ => 2 };
Option<int[]> sizes = new("--size") { Description = "Only these sizes, in bytes.", AllowMultipleArgumentsPerToken = true };
Command hot = new("hot", "Reads states whose writers never rest: no read may fail.") { runs, seconds, sizes };
hot.SetAction(parsed =>
{
    HotState states = new(parsed.GetValue(runs), TimeSpan.FromSeconds(parsed.GetValue(seconds)), Console.Out);
    foreach (int size in parsed.GetValue(sizes) is { Length: > 0 } chosen ? chosen : HotState.Sizes)
    {
        states.Run(size, readers: 1);
        states.Run(size, readers: 4);
    }

    return states.Failed ? 1 : 0;
});
command.Add(hot);
return await command.Parse(args).InvokeAsync().ConfigureAwait(false);
