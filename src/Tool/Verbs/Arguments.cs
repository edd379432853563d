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

    public static Option<bool> Json() => new("--json") { Description = "One JSON object a line, for scripts." };

    public static Option<double> Interval(double seconds) => Positive(new("--interval", "-n")
    {
        Description = "Seconds between two looks.",
        DefaultValueFactory = _ => seconds,
    });

    public static Option<long> Count(string what) =>
        new("--count", "-c") { Description = $"End after so many {what}; 0 for never.", DefaultValueFactory = _ => 0 };

    public static Option<double> Positive(Option<double> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var given] && !(double.TryParse(given.Value, NumberStyles.Float, CultureInfo.InvariantCulture,
                out double seconds) && seconds is > 0 and < 1e6))
                result.AddError($"{option.Name} takes a number of seconds above 0.");
        });
        return option;
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
