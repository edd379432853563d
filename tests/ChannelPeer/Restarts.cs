using TypedShm.TestMessages;

namespace TypedShm.ChannelPeer;

/// <summary>Services that begin with what they held when they were killed, see ServiceManager of the tests.</summary>
internal static class Restarts
{
    /// <returns>False if there is no such command.</returns>
    public static bool Run(string[] args)
    {
        string name = args[1];
        SystemdStore.TryTake(name, out System.Runtime.InteropServices.SafeHandle? last);
        using (last)
        {
            switch (args[0])
            {
                // Goes on counting, with a rest now and then.
                case "restarting-state":
                {
                    using SharedStateWriter<Quote> state = SharedState.Create<Quote>(name, new() { BeginFrom = last, PublishTimes = true });
                    Keep(name, state.Region);
                    for (long number = state.Version + 1; true; number++)
                    {
                        if (state.Read().Number != number - 1)
                            throw new InvalidOperationException($"Value {number - 1} is {state.Read().Number}.");
                        state.Write(Quote.Of(number));
                        Rest(number);
                    }
                }

                // The same, one element after the other.
                case "restarting-table":
                {
                    using SharedTableWriter<Quote> table =
                        SharedTable.Create<Quote>(name, int.Parse(args[2], null), new() { BeginFrom = last });
                    Keep(name, table.Region);
                    for (long number = table.Generation.Changes + 1; true; number++)
                    {
                        table.Write((int)(number % table.Count), Quote.Of(number));
                        Rest(number);
                    }
                }

                // Keeps its region under a name twice, and waits.
                case "keeps":
                {
                    string? file = last is null ? "nothing" : new FileInfo($"/proc/self/fd/{last.DangerousGetHandle()}").LinkTarget;
                    Output.Say($"took {file}");
                    using SharedStateWriter<Quote> first = SharedState.Create<Quote>($"{name}-first");
                    using SharedStateWriter<Quote> second = SharedState.Create<Quote>($"{name}-second");
                    Keep(name, first.Region);
                    Keep(name, second.Region);
                    Output.Say("kept");
                    Console.ReadLine();
                    return true;
                }

                default:
                    return false;
            }
        }
    }

    private static void Rest(long number)
    {
        if (number % 64 == 0)
            Thread.Sleep(1);
    }

    private static void Keep(string name, SharedRegion region)
    {
        if (!SystemdStore.TryKeep(name, region.Descriptor))
            throw new InvalidOperationException("This is no service.");
    }
}
