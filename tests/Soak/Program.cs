using System.CommandLine;
using TypedShm.Soak;
using TypedShm.Soak.Runs;

// The processes of a run.
switch (args)
{
    case ["filtered", .. string[] rest]:
        MembarrierFilter.Exec(Environment.ProcessPath!, rest);
        return 1;
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
Option<string> fault = new("--break") { Description = "What the writer does wrong, which the reader has to report: tear, drop, double or early-commit." };
fault.AcceptOnlyFromAmong("tear", "drop", "double", "early-commit");
Option<bool> storm = new("--storm") { Description = "Stop the processes at random for up to a millisecond, and let signals rain on them." };

RootCommand command = new("Runs each channel between two processes, in each way to wait and with each fence, and checks every message.") { messages, channels, waits, fences, fault, storm };
command.SetAction(async (parsed, _) =>
{
    Fault wrong = parsed.GetValue(fault) is { } name ? Enum.Parse<Fault>(name.Replace("-", "", StringComparison.Ordinal), ignoreCase: true) : Fault.None;
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
return await command.Parse(args).InvokeAsync().ConfigureAwait(false);
