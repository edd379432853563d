using System.CommandLine;
using System.Globalization;

namespace TypedShm.Tool.Verbs;

/// <summary>Arguments and options that several verbs have, and how a channel is opened by them.</summary>
internal static class Arguments
{
    /// <summary>How long a creator that is there may take to answer.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    public static Argument<string> Name() =>
        WithCompletion<string>(new("NAME") { Description = "The name of the endpoint, a path, or @ and an abstract name." });

    public static Argument<string> File(string description) => new("FILE") { Description = description, HelpName = "FILE" };

    public static Option<bool> Json() => new("--json") { Description = "One JSON object a line, for scripts." };

    public static Option<double> Interval(double seconds) => Positive(new Option<double>("--interval", "-n")
    {
        Description = "Seconds between two looks.",
        DefaultValueFactory = _ => seconds,
    });

    public static Option<long> Count(string what) =>
        new("--count", "-c") { Description = $"End after so many {what}; 0 for never.", DefaultValueFactory = _ => 0 };

    public static Option<bool> FromStart() =>
        new("--from-start") { Description = "Begin with what is there: the messages that the ring still holds, the current values." };

    public static Option<T> Positive<T>(Option<T> option, string what = "number of seconds")
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var given] && !(double.TryParse(given.Value, NumberStyles.Float, CultureInfo.InvariantCulture,
                out double number) && number is > 0 and < 1e6))
                result.AddError($"{option.Name} takes a {what} above 0.");
        });
        return option;
    }

    /// <summary>A number of bytes, see <see cref="Bytes"/>.</summary>
    public static Option<string?> Size(Option<string?> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var given] && Bytes(given.Value) is null)
                result.AddError($"{option.Name} takes a number of bytes above 0, as 4096, 64k, 100M or 2G.");
        });
        return option;
    }

    /// <summary>What 4096, 64k, 100M or 2G are in bytes, by powers of 1,024; null if it is no such number.</summary>
    public static long? Bytes(string? text)
    {
        int shift = text is [.., var unit] ? 10 * ("kmg".IndexOf(char.ToLowerInvariant(unit), StringComparison.Ordinal) + 1) : 0;
        return long.TryParse(shift > 0 ? text![..^1] : text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number > 0 && number <= long.MaxValue >> shift ? number << shift : null;
    }

    /// <summary>Connects as an observer to what is there.</summary>
    /// <exception cref="ToolException">There is no such channel.</exception>
    public static SharedInspector Open(string name)
    {
        try
        {
            if (SharedInspector.TryOpen(name, out SharedInspector? there, Options()))
                return there;

            // Nobody is waited for who is not there; a creator that is busy has more time than that.
            bool isBusy = SharedEndpoints.Scan().Endpoints.Any(endpoint => endpoint.Name == name && endpoint.ProcessId != 0);
            return SharedInspector.Open(name, Options() with { Timeout = isBusy ? s_patience : TimeSpan.Zero });
        }
        catch (TimeoutException error)
        {
            throw new ToolException(ExitCode.NotFound, $"{error.Message} `typedshm ls` lists what is there.");
        }
    }

    public static OpenOptions Options() => new() { Timeout = s_patience, AllowSparsePayloads = true };

    public static Argument<T> WithCompletion<T>(Argument<T> argument)
    {
        // Otherwise help looks for what could complete it.
        argument.HelpName = argument.Name;
        argument.CompletionSources.Add(_ => SharedEndpoints.Scan().Endpoints.Where(endpoint => endpoint.ProcessId != 0)
            .Select(endpoint => new System.CommandLine.Completions.CompletionItem(endpoint.Name)));
        return argument;
    }
}
