using System.CommandLine;
using TypedShm.Tool.Output;
using TypedShm.Tool.Sampling;

namespace TypedShm.Tool.Verbs;

/// <summary><c>top</c>: the same as <c>ls</c>, live.</summary>
internal static class Top
{
    public static Command Create()
    {
        Option<bool> json = Arguments.Json();
        Option<double> interval = Arguments.Interval(1);
        Option<long> count = Arguments.Count("looks");
        Command command = new(
            "top",
            """
            Shows the channels of this machine, live. Ctrl-C ends it.

            Examples:
              typedshm top
              typedshm top --json --interval 5
            """)
        {
            json, interval, count,
        };
        command.SetAction(async (parsed, token) =>
        {
            using Machine machine = new();
            machine.Refresh();
            TimeSpan pause = TimeSpan.FromSeconds(parsed.GetValue(interval));
            long left = parsed.GetValue(count) is > 0 and var most ? most : long.MaxValue;
            if (Screen.IsLive && !parsed.GetValue(json))
            {
                await LiveScreen.Run(
                    () =>
                    {
                        machine.Refresh();
                        return left-- > 0;
                    },
                    size => List.Render(machine, size.Width), pause, token).ConfigureAwait(false);
                return ExitCode.Ok;
            }

            while (left-- > 0)
            {
                await Task.Delay(pause, token).ConfigureAwait(false);
                machine.Refresh();
                if (!parsed.GetValue(json))
                    Screen.Write(List.Render(machine, Screen.Width));
                foreach (ChannelReport report in parsed.GetValue(json) ? machine.Reports : [])
                    JsonLines.Write(writer => List.Write(writer, report));
            }

            return ExitCode.Ok;
        });
        return command;
    }
}
