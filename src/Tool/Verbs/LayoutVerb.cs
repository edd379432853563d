using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using TypedShm.Tool.Layouts;
using TypedShm.Tool.Output;

namespace TypedShm.Tool.Verbs;

/// <summary><c>layout</c>: the memory map of a struct.</summary>
internal static class LayoutVerb
{
    public static Command Create()
    {
        Argument<string> source =
            Arguments.WithCompletion<string>(new("SOURCE") { Description = "The path of an assembly (.dll), or the name of a channel." });
        Argument<string?> type = new("TYPE") { Description = "One struct of the assembly.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> svg = new("--svg") { Description = "As a picture, on the standard output." };
        Option<bool> json = Arguments.Json();
        Command command = new(
            "layout",
            """
            Shows how structs lie in memory, with padding and cache lines. Of an assembly only metadata is read; none of its code runs.

            Examples:
              typedshm layout engine
              typedshm layout bin/Release/net10.0/Shared.dll Telemetry
              typedshm layout engine --svg > engine.svg
            """)
        {
            source, type, svg, json,
        };
        command.SetAction(parsed =>
        {
            IReadOnlyList<(string Name, LayoutDescriptor Layout)> layouts =
                LayoutSource.Read(parsed.GetRequiredValue(source), parsed.GetValue(type));
            if (parsed.GetValue(svg) && layouts.Count > 1)
                throw new ToolException(
                    ExitCode.Usage, $"A picture is of one struct. Say which: {string.Join(", ", layouts.Select(layout => layout.Name))}.");
            foreach ((string name, LayoutDescriptor layout) in layouts)
            {
                if (parsed.GetValue(svg))
                    Console.Out.Write(SvgMap.Draw(name, layout));
                else if (parsed.GetValue(json))
                    Write(name, layout);
                else
                    Print(name, layout);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void Print(string name, LayoutDescriptor layout)
    {
        List<MapPart> parts = MemoryMap.Of(layout);
        int padding = parts.Where(part => part.Name is null).Sum(part => part.Size);
        Console.Out.WriteLine(
            $"{name}: {layout.Size} bytes, alignment {layout.Alignment}, {padding} of padding, fingerprint {layout.Fingerprint:x16}");
        Table table = Screen.Table("OFFSET", "SIZE", "KIND", "FIELD", "CACHE LINE");
        table.Columns[0].Alignment = table.Columns[1].Alignment = Justify.Right;
        foreach (MapPart part in parts)
        {
            Style style = new(part.Name is null ? Color.Grey : Color.Default);
            (int first, int last) = (part.Offset / MemoryMap.CacheLine, (part.End - 1) / MemoryMap.CacheLine);
            table.AddRow(
                new Text(part.Offset.ToString(CultureInfo.InvariantCulture), style),
                    new Text(part.Size.ToString(CultureInfo.InvariantCulture), style),
                new Text(part.Kind, style), new Text(part.Name ?? "", style),
                    new Text(first == last ? $"{first}" : $"{first}-{last}", style));
        }

        Screen.Write(table);
    }

    private static void Write(string name, LayoutDescriptor layout) => JsonLines.Write(writer =>
    {
        writer.WriteString("name", name);
        writer.WriteNumber("size", layout.Size);
        writer.WriteNumber("alignment", layout.Alignment);
        writer.WriteString("fingerprint", layout.Fingerprint.ToString("x16", null));
        writer.WriteStartArray("parts");
        foreach (MapPart part in MemoryMap.Of(layout))
        {
            writer.WriteStartObject();
            writer.WriteNumber("offset", part.Offset);
            writer.WriteNumber("size", part.Size);
            writer.WriteString("kind", part.Kind);
            writer.WriteString("field", part.Name);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });
}
