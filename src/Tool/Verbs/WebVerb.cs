using System.CommandLine;
using TypedShm.Tool.Web;

namespace TypedShm.Tool.Verbs;

/// <summary><c>web</c>: all channels of this machine in a browser.</summary>
internal static class WebVerb
{
    private const int MostPorts = 65_535;

    public static Command Create()
    {
        Option<int> port = new("--port", "-p")
        {
            Description = "The port of 127.0.0.1; 0 for one that is free.",
            DefaultValueFactory = _ => 0,
        };
        port.Validators.Add(result =>
        {
            if (result.Tokens is [var given] && !(int.TryParse(given.Value, out int number) && number is >= 0 and <= MostPorts))
                result.AddError($"--port takes a number from 0 to {MostPorts}.");
        });
        Command command = new(
            "web",
            """
            Serves a page with the channels of this machine: live values, plots, layouts. It looks only while the page is open, and changes
            nothing. Open the address that it prints, whose token no other user knows; from elsewhere, through `ssh -L`. Ctrl-C ends it.

            Examples:
              typedshm web
              typedshm web --port 5080
            """)
        {
            port,
        };
        command.SetAction((parsed, token) => Run(parsed.GetValue(port), token));
        return command;
    }

    private static async Task<int> Run(int port, CancellationToken cancellationToken)
    {
        await using WebServer server = await WebServer.Start(port, cancellationToken).ConfigureAwait(false);
        await Console.Out.WriteLineAsync(server.Address).ConfigureAwait(false);
        await Console.Out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ExitCode.Ok;
    }
}
