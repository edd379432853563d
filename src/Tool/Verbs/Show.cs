using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using TypedShm.Tool.Output;

namespace TypedShm.Tool.Verbs;

/// <summary><c>show</c>: the values of a channel by field name.</summary>
internal static class Show
{
    // A table may have millions of elements.
    private const int MostElements = 20;
    private const int MostFields = 1_000;

    public static Command Create()
    {
        Argument<string?> name =
            Arguments.WithCompletion<string?>(new("NAME") { Description = "The name of the endpoint.", Arity = ArgumentArity.ZeroOrOne });
        Option<string?> file = new("--file") { Description = "A copy of a region instead, made by cp /proc/PID/fd/N." };
        Option<int?> element = new("--element", "-e") { Description = "One element of a table." };
        Option<bool> json = Arguments.Json();
        Command command = new(
            "show",
            """
            Shows the current values of a channel by field name, from the channel's own description.

            Examples:
              typedshm show engine
              typedshm show prices --element 3 --json
              typedshm show --file engine.region
            """)
        {
            name, file, element, json,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(name) is null == result.GetValue(file) is null)
                result.AddError("Give either NAME or --file.");
        });
        command.SetAction(parsed =>
        {
            using SharedInspector inspector = parsed.GetValue(file) is { } path
                ? SharedInspector.OpenFile(path)
                : Arguments.Open(parsed.GetValue(name)!);
            return Run(inspector, parsed.GetValue(element), parsed.GetValue(json));
        });
        return command;
    }

    private static int Run(SharedInspector inspector, int? element, bool json)
    {
        if (element is { } only && (inspector.Kind != ChannelKind.Table || only < 0 || only >= inspector.Count))
            throw new ToolException(ExitCode.Usage, inspector.Kind == ChannelKind.Table
                ? $"The table has the elements 0 to {inspector.Count - 1}."
                : "Only a table has elements.");
        if (!json)
            Head(inspector);
        foreach (SharedSnapshot? snapshot in Snapshots(inspector, element, json))
        {
            if (snapshot is null)
                throw new ToolException(ExitCode.Failed, "The writer overwrote the value during each of many tries to copy it.");
            if (json)
                JsonLines.Write(writer => JsonLines.WriteSnapshot(writer, inspector, snapshot));
            else
                Print(inspector, snapshot);
        }

        if (!json && inspector.Kind == ChannelKind.Table && element is null && inspector.Count > MostElements)
            Console.Out.WriteLine($"… {inspector.Count - MostElements} more elements; --element or --json shows them.");
        return ExitCode.Ok;
    }

    private static void Head(SharedInspector inspector)
    {
        string owner = inspector.Owner is { } who ? $" of {who}" : "";
        Console.Out.WriteLine($"{inspector.Name}: {inspector.Kind.ToString().ToLowerInvariant()}{owner}, {inspector.Layout.Name}, "
            + $"{inspector.Layout.Size} bytes, fingerprint {inspector.Layout.Fingerprint:x16}");
        if (inspector.ReadCounts() is not { } counts)
            return;
        string messages = inspector.HasValues
            ? $"published {Format.Count(inspector.Published)}"
            : $"written {Format.Count(counts.Written)}, read {Format.Count(counts.Read)}, depth {Format.Count(counts.Depth)} of "
            + $"{Format.Count(inspector.Count)}";
        Console.Out.WriteLine($"{messages}, peers {counts.Peers}");
    }

    private static IEnumerable<SharedSnapshot?> Snapshots(SharedInspector inspector, int? element, bool all)
    {
        if (inspector.HasMessages)
        {
            // The last one, if there is any.
            long position = Math.Max(0, inspector.Published - 1);
            if (inspector.Published > 0 && inspector.TryReadMessage(ref position, out SharedSnapshot? last))
                yield return last;
            yield break;
        }

        if (!inspector.HasValues)
            yield break;
        int first = element ?? 0;
        int end = element + 1 ?? (all ? inspector.Count : Math.Min(inspector.Count, MostElements));
        for (int i = first; i < end; i++)
            yield return inspector.Read(i);
    }

    private static void Print(SharedInspector inspector, SharedSnapshot snapshot)
    {
        string age = snapshot.Age is { } since ? $", {Format.Duration(since.TotalSeconds)} ago" : "";
        string what = inspector.Kind switch
        {
            ChannelKind.Table => $"[{snapshot.Element}] change {Format.Count(snapshot.Number)}",
            ChannelKind.State => $"version {Format.Count(snapshot.Number)}{age}",
            ChannelKind.Broadcast => $"message {Format.Count(snapshot.Number)}{age}, payload of {snapshot.Payload.Length} bytes",
            _ => "live",
        };
        Console.Out.WriteLine(what);
        Screen.Write(Fields(snapshot));
        int fields = snapshot.Fields.Count();
        if (fields > MostFields)
            Console.Out.WriteLine($"  … {Format.Count(fields - MostFields)} more fields; --json shows them.");
    }

    public static Table Fields(SharedSnapshot snapshot)
    {
        Table table = Screen.Table("FIELD", "VALUE", "KIND");
        table.ShowHeaders = false;
        foreach (SharedFieldValue field in snapshot.Fields.Take(MostFields))
            table.AddRow(new Text($"  {field.Path}"), new Text(Safe(field.ToString()), new Style(Color.Aqua)),
                new Text(KindOf(field), new Style(Color.Grey)));
        return table;
    }

    /// <summary>Text of a peer without what would disturb a terminal.</summary>
    public static string Safe(string text) => string.Concat(text.Select(c => IsSafe(c) ? c : '?'));

    // Controls, and what changes the direction of writing.
    private static bool IsSafe(char c) => char.GetUnicodeCategory(c) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    public static string KindOf(SharedFieldValue field) =>
        $"{field.Field.Kind}{(field.IsArray ? $"[{field.Field.Length}]" : "")}{(field.Field.IsAtomic ? " atomic" : "")}";
}
