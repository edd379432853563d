using System.CommandLine;
using Spectre.Console;
using TypedShm.Tool.Health;
using TypedShm.Tool.Output;

namespace TypedShm.Tool.Verbs;

/// <summary><c>doctor</c>: what this kernel, container and user allow.</summary>
internal static class Doctor
{
    public static Command Create()
    {
        Option<bool> json = Arguments.Json();
        Command command = new(
            "doctor",
            """
            Checks what this kernel, container and user allow, and says what to do about what they do not. Exit code 1 if something that
            channels need is missing.

            Example:
              typedshm doctor
            """)
        {
            json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(json)));
        return command;
    }

    private static int Run(bool json)
    {
        Finding[] findings = [.. Checks.All()];
        Table table = Screen.Table("", "CHECK", "FOUND", "WHAT TO DO");
        foreach (Finding finding in findings)
        {
            if (json)
            {
                JsonLines.Write(writer =>
                {
                    writer.WriteString("check", finding.Check);
                    writer.WriteString("result", finding.Result.ToString().ToLowerInvariant());
                    writer.WriteString("found", finding.Found);
                    writer.WriteString("remedy", finding.Remedy);
                });
                continue;
            }

            (string mark, Color colour) = finding.Result switch
            {
                Result.Ok => ("ok", Color.Green),
                Result.Note => ("note", Color.Yellow),
                _ => ("FAIL", Color.Red),
            };
            table.AddRow(new Text(mark, new Style(colour)), new Text(finding.Check), new Text(finding.Found), new Text(finding.Remedy));
        }

        if (!json)
            Screen.Write(table);
        return findings.Any(finding => finding.Result == Result.Fail) ? ExitCode.Failed : ExitCode.Ok;
    }
}
