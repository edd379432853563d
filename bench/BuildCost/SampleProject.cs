using System.Globalization;
using System.Text;

namespace TypedShm.BuildCost;

/// <summary>
/// The sources of a project of shared structs: ten a file, 20 fields each, of the types and with names of the length that real ones have.
/// In every second struct a field is atomic; two fields are enums, one is text, one an inline array, and in every tenth struct one is
/// another struct.
/// </summary>
internal static class SampleProject
{
    public const int Structs = 700;
    private const int StructsPerFile = 10;

    private const string Shapes = """
        using System.Runtime.CompilerServices;

        namespace Acme;

        public enum Phase : byte { Idle, Starting, Running, Stopping, Failed }

        public enum Severity { None, Low, Medium, High }

        [InlineArray(8)]
        public struct Samples
        {
            private double _first;
        }

        """;

    private static readonly (string Type, string Name)[] s_fields =
    [
        ("long", "SequenceNumber"), ("long", "TimestampTicks"), ("double", "AverageLatency"), ("double", "MaximumLatency"),
            ("int", "ActiveConnections"),
        ("int", "QueuedRequests"), ("uint", "ErrorCount"), ("ulong", "BytesReceived"), ("ulong", "BytesSent"), ("float", "Temperature"),
        ("float", "FanSpeed"), ("short", "ChannelIndex"), ("ushort", "PortNumber"), ("byte", "RetryLimit"), ("Phase", "CurrentPhase"),
        ("Severity", "WorstSeverity"), ("Vector3", "Position"), ("Guid", "SessionId"), ("Text32", "DisplayName"),
            ("Samples", "RecentValues"),
    ];

    /// <summary>Writes the files.</summary>
    /// <returns>Their paths, and the bytes of all of them.</returns>
    public static (IReadOnlyList<string> Files, long Bytes) WriteTo(string directory)
    {
        List<string> files = [Write(directory, "Shapes.cs", Shapes)];
        for (int first = 0; first < Structs; first += StructsPerFile)
        {
            StringBuilder text = new("using System.Numerics;\nusing TypedShm;\n\nnamespace Acme;\n");
            for (int i = first; i < first + StructsPerFile; i++)
                AppendStruct(text, i);
            files.Add(Write(directory, string.Create(CultureInfo.InvariantCulture, $"Structs{first / StructsPerFile:D2}.cs"),
                text.ToString()));
        }

        return (files, files.Sum(static file => new FileInfo(file).Length));
    }

    private static void AppendStruct(StringBuilder text, int index)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n[SharedLayout]\npublic partial struct Device{index:D3}State\n{{\n");
        for (int i = 0; i < s_fields.Length; i++)
        {
            (string type, string name) = s_fields[i];
            if (name == "Position" && index % 10 == 5)
                (type, name) = (string.Create(CultureInfo.InvariantCulture, $"Device{index - 1:D3}State"), "PreviousState");
            text.Append(name == "ErrorCount" && index % 2 == 0 ? "    [Atomic] public " : "    public ").Append(type).Append(' ')
                .Append(name).Append(";\n");
        }

        text.Append("}\n");
    }

    private static string Write(string directory, string name, string text)
    {
        string path = Path.Combine(directory, name);
        File.WriteAllText(path, text);
        return path;
    }
}
