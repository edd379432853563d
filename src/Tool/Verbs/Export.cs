using System.CommandLine;
using System.Text;
using TypedShm.Tool.Output;
using TypedShm.Tool.Recording;

namespace TypedShm.Tool.Verbs;

/// <summary><c>export</c>: a recording for what does not read Arrow.</summary>
internal static class Export
{
    public static Command Create()
    {
        Argument<string> file = Arguments.File("The recording.");
        Option<bool> csv = new("--csv") { Description = "As CSV after RFC 4180, which is also what it does without an option." };
        Option<bool> json = Arguments.Json();
        Command command = new(
            "export",
            """
            Writes a recording to the standard output: as CSV, the fields of nested structs and the elements of arrays of structs in columns
            of their own, enums by name, arrays of numbers as JSON, payloads in base 64; or as JSON, one object a row.

            Examples:
              typedshm export trades.arrows --csv > trades.csv
              typedshm export trades.arrows --json
            """)
        {
            file, csv, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(csv) && result.GetValue(json))
                result.AddError("Give either --csv or --json.");
        });
        command.SetAction(parsed =>
        {
            using RecordingReader reader = RecordingReader.Open(parsed.GetRequiredValue(file));
            if (parsed.GetValue(json))
            {
                foreach (RecordedRow row in reader.Rows())
                    WriteJson(reader.Channel, row);
                return ExitCode.Ok;
            }

            UTF8Encoding withoutMark = new(encoderShouldEmitUTF8Identifier: false);
            using StreamWriter output = new(Console.OpenStandardOutput(), withoutMark, 1 << 16);
            CsvFile.Write(output, reader);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void WriteJson(RecordedChannel channel, RecordedRow row) => JsonLines.Write(writer =>
    {
        JsonLines.WriteSnapshot(writer, channel.Name, channel.Kind, channel.PayloadCapacity, row.Value);
        writer.WriteNumber("receivedAt", row.Received);
        if (channel.CountsLost)
            writer.WriteNumber("lost", row.Lost);
    });
}
