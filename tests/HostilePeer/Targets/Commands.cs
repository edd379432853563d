using TypedShm.TestKit;

namespace TypedShm.HostilePeer.Targets;

/// <summary>What the driver says, a line each, and what its processes answer: "= " and the result, or "! " and what went wrong.</summary>
internal static class Commands
{
    /// <summary>Answers until the input ends, which is when the driver has gone.</summary>
    public static async Task Answer(Func<string, Task<string>> answer)
    {
        TextReader input = Console.In;
        Console.WriteLine("= ready");
        while (await Task.Run(input.ReadLine).ConfigureAwait(false) is { } command)
        {
            string line;
            try
            {
                line = "= " + await answer(command).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                line = $"! {error}";
            }

            Console.WriteLine(line.ReplaceLineEndings("\\n"));
        }
    }

    /// <summary>Waits until nothing is held that was not before.</summary>
    public static async Task<string> Returned(ResourceCount before)
    {
        await before.Returns("the attacks").ConfigureAwait(false);
        return "all";
    }
}
