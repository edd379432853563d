using System.CommandLine;
using TypedShm.Tool.Layouts;

namespace TypedShm.Tool.Verbs;

/// <summary><c>diff</c>: two layouts side by side.</summary>
internal static class Diff
{
    public static Command Create()
    {
        Argument<string> one = Arguments.WithCompletion<string>(new("A") { Description = "The name of a channel, or ASSEMBLY:TYPE." });
        Argument<string> other = Arguments.WithCompletion<string>(new("B") { Description = "Another one." });
        Command command = new(
            "diff",
            """
            Compares two layouts by offset, with a * before each line that differs. Exit code 1 if any does.

            Examples:
              typedshm diff engine Shared.dll:Telemetry
              typedshm diff old/Shared.dll:Telemetry new/Shared.dll:Telemetry
            """)
        {
            one, other,
        };
        command.SetAction(parsed =>
        {
            (string name, LayoutDescriptor layout) = LayoutSource.ReadOne(parsed.GetRequiredValue(one));
            (string otherName, LayoutDescriptor otherLayout) = LayoutSource.ReadOne(parsed.GetRequiredValue(other));
            Console.Out.Write(layout.CompareTo(otherLayout, name, otherName));
            return layout.Fingerprint == otherLayout.Fingerprint ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }
}
