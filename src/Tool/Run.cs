using System.CommandLine;
using TypedShm.Tool.Output;

namespace TypedShm.Tool;

/// <summary>What the command exits with.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int NotFound = 3;
    public const int Denied = 4;
}

/// <summary>Ends the command with a message and an exit code.</summary>
internal sealed class ToolException(int code, string message) : Exception(message)
{
    public int Code => code;
}

/// <summary>Runs a verb: parse errors, exceptions and Ctrl-C become exit codes.</summary>
internal static class Run
{
    public static async Task<int> Invoke(RootCommand root, string[] args)
    {
        ParseResult parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (System.CommandLine.Parsing.ParseError error in parsed.Errors)
                await Console.Error.WriteLineAsync($"typedshm: {error.Message}").ConfigureAwait(false);
            await Console.Error.WriteLineAsync(
                $"Try: typedshm {(parsed.CommandResult.Command == root ? "" : parsed.CommandResult.Command.Name + " ")}--help")
                .ConfigureAwait(false);
            return ExitCode.Usage;
        }

        try
        {
            // Help and completions, which call the command as its assembly is called.
            using StringWriter help = new();
            int code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = help })
                .ConfigureAwait(false);
            await Console.Out.WriteAsync(help.ToString().Replace(RootCommand.ExecutableName, "typedshm", StringComparison.Ordinal))
                .ConfigureAwait(false);
            return code;
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C ends what has no end of its own: that is not a failure.
            return ExitCode.Ok;
        }
        catch (Exception error) when (CodeOf(error) is { } code)
        {
            await Console.Error.WriteLineAsync($"typedshm: {error.Message}").ConfigureAwait(false);
            return code;
        }
        finally
        {
            LiveScreen.Restore();
        }
    }

    private static int? CodeOf(Exception error) => error switch
    {
        ToolException tool => tool.Code,
        TimeoutException or FileNotFoundException or DirectoryNotFoundException => ExitCode.NotFound,
        PeerRefusedException { Reason: RefusalReason.NotAllowed or RefusalReason.WriteNotAllowed } or UnauthorizedAccessException =>
            ExitCode.Denied,
        ArgumentException or KeyNotFoundException => ExitCode.Usage,
        SharedMemoryException or PlatformNotSupportedException or InvalidOperationException or FormatException or IOException =>
            ExitCode.Failed,
        _ => null,
    };
}
