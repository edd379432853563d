using TypedShm.Contracts.Channels;
using TypedShm.Contracts.Roles;

namespace TypedShm.Contracts;

/// <summary>
/// The other processes of the contract tests: a role, a kind of channel, and what else the role wants. Without arguments it ends at once.
/// </summary>
internal static class Program
{
    public static string Path => typeof(Program).Assembly.Location;

    private static async Task Main(string[] arguments)
    {
        if (arguments.Length == 0)
            return;
        Channel channel = Channel.Of(arguments[1]);
        await (arguments[0] switch
        {
            "create" => EndRole.Create(channel, arguments[2]),
            "open" => EndRole.Open(channel, arguments[2]),
            "create-until-seen" => UntilSeenRole.Create(channel, arguments[2], isKilled: arguments[3] == "killed"),
            "create-with-blocked-pool" => BlockedPoolRole.Create(channel, arguments[2]),
            "open-with-blocked-pool" => BlockedPoolRole.Open(channel, arguments[2]),
            "throw-in-handler" => HandlerRole.Throw(channel, arguments[2]),
            "use-after-dispose" => AfterDisposeRole.Run(channel),
            _ => throw new ArgumentException($"There is no role '{arguments[0]}'."),
        });
    }

    /// <summary>Tells the test.</summary>
    public static void Say(string what)
    {
        Console.WriteLine(what);
        Console.Out.Flush();
    }
}
