using System.Text.RegularExpressions;

namespace TypedShm.Generator.Tests;

/// <summary>
/// Snippets as users write them, in the files of the folder Corpus: <c>=== BAD[TSHM0106]: name</c> begins one that a rule has to catch,
/// <c>=== OK: name</c> one that none may speak of; <c>| returns int</c> says what its method returns, and a line that begins with
/// <c>---</c> is a member beside the method. Each is the body of a method that has ends of every kind at hand.
/// </summary>
internal sealed partial record UsageCorpus(string Rule, string Title, string Source)
{
    /// <summary>What all of them share.</summary>
    public const string Start = """
        global using System.Runtime.CompilerServices;
        global using TypedShm;
        global using GateWriter = TypedShm.SharedStructWriter<Gate>;
        global using GateReader = TypedShm.SharedStructReader<Gate>;

        public enum Phase { Idle, Busy }
        [InlineArray(64)] public struct Samples { private long _first; }
        [SharedLayout] public partial struct Inner { public int Count; public int Rank; [Atomic] public int Hits; }
        [InlineArray(4)] public struct Inners { private Inner _first; }
        [SharedLayout] public partial struct Big { public long Tick; public Samples Samples; }
        [SharedLayout] public partial struct Ask { public int Key; }

        [SharedLayout]
        public partial struct Gate
        {
            public long Total;
            public int Ready;
            [Atomic] public int Turn;
            public Inner Inner;
            public Phase Phase;
            public int Spare;
            public Inners Items;
            public Text16 Name;
        }

        public static class H
        {
            public static void Take(object? value) { }
            public static void TakeLong(long value) { }
            public static void Set(Gate.SharedView view) { }
            public static void Commit(ref Claim<Gate> claim) => claim.Commit();
            public static bool Stop() => false;
            public static void Own(IDisposable owned) { }
            public static void Keep(params IDisposable[] owned) { }
            public static void BigIn(in Big big) { }
            public static void BigBy(Big big) { }
            public static void Await() { }
        }
        """;

    private const string Parameters = """
        GateWriter gate, GateReader reader, SharedStructWriter<Big> big, SharedQueueWriter<Gate> writer, SharedQueueReader<Gate> queue,
            SharedStateWriter<Gate> state, SharedStateReader<Gate> latest, SharedBroadcastReader<Gate> feed,
            SharedBroadcastWriter<Gate> air, SharedTableWriter<Gate> table, SharedTableReader<Gate> rows, SharedCallClient<Ask, Gate> calls,
            SharedCallServer<Ask, Gate> server, CancellationToken token
        """;

    /// <summary>The rule that has to report it; empty if none may.</summary>
    public bool IsWrong => Rule.Length > 0;

    public static UsageCorpus[] All { get; } =
    [
        .. Directory.GetFiles(Repository.Find("tests/Generator.Tests/Rules/Corpus"), "*.txt").Order(StringComparer.Ordinal)
            .SelectMany(Read),
    ];

    private static IEnumerable<UsageCorpus> Read(string path)
    {
        string text = File.ReadAllText(path);
        Match[] headings = [.. Heading().Matches(text).Cast<Match>()];
        foreach ((int index, Match heading) in headings.Index())
        {
            int start = heading.Index + heading.Length;
            string[] lines = text[start..(index + 1 < headings.Length ? headings[index + 1].Index : text.Length)].Split('\n');
            string body = string.Join("\n", lines.Where(static line => !line.StartsWith("---", StringComparison.Ordinal)));
            string members = string.Join(
                "\n", lines.Where(static line => line.StartsWith("---", StringComparison.Ordinal)).Select(static line => line[4..]));
            string returns = heading.Groups["returns"].Success
                ? heading.Groups["returns"].Value
                : body.Contains("await ", StringComparison.Ordinal)
                ? "async Task"
                : "void";
            string name = $"{Path.GetFileNameWithoutExtension(path)}_{index}";
            yield return new UsageCorpus(heading.Groups["rule"].Value, $"{name}: {heading.Groups["name"].Value}", $$"""
                public static class {{name}}
                {
                    {{members}}
                    public static {{returns}} Run({{Parameters}})
                    {
                {{body}}
                    }
                }
                """);
        }
    }

    [GeneratedRegex(@"^=== (?:OK|BAD\[(?<rule>TSHM\d{4})\]): (?<name>[^|\n]+?)(?: \| returns (?<returns>[^\n]+))?\n",
        RegexOptions.Multiline)]
    private static partial Regex Heading();
}
