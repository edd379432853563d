using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace TypedShm.Tests.Struct;

/// <summary>What the JIT makes of a view, read from its own disassembly.</summary>
public sealed partial class MachineCode(ITestOutputHelper output) : SharingTest(output)
{
    private static readonly Dictionary<string, string> s_x64 = new[] { "a", "b", "c", "d" }
        .SelectMany(r => new[] { (r + "l", $"r{r}x"), (r + "x", $"r{r}x"), ($"e{r}x", $"r{r}x"), ($"r{r}x", $"r{r}x") })
        .Concat(new[] { "si", "di", "bp", "sp" }.SelectMany(
            r => new[] { (r, "r" + r), ("e" + r, "r" + r), ("r" + r, "r" + r), (r + "l", "r" + r) }))
        .ToDictionary(pair => pair.Item1, pair => pair.Item2);

    [Theory]
    [InlineData("Write")]
    [InlineData("Read")]
    [InlineData("Loop")]
    public void Fields_through_a_view_are_the_instructions_that_they_are_through_a_pointer(string method)
    {
        Dictionary<string, string[]> listings = Disassemble();

        string[] view = Renamed(listings[$"{method}ThroughView"]);

        Output.WriteLine(string.Join('\n', listings[$"{method}ThroughView"]));
        Assert.True(view.Length > 5);
        Assert.Equal(Renamed(listings[$"{method}ThroughPointer"]), view);
    }

    /// <summary>The negative control: one comparison more, and the instructions differ.</summary>
    [Fact]
    public void A_method_that_does_something_else_has_other_instructions()
    {
        Dictionary<string, string[]> listings = Disassemble();

        Assert.NotEqual(Renamed(listings["WriteThroughPointerWithCheck"]), Renamed(listings["WriteThroughView"]));
    }

    /// <summary>The JIT puts the address of a nested view into a register first, which is all that such a view costs.</summary>
    [Fact]
    public void A_nested_view_accesses_the_same_memory_in_the_same_order()
    {
        Dictionary<string, string[]> listings = Disassemble();

        string[] view = [.. Folded(listings["NestedThroughView"])];

        Output.WriteLine(string.Join('\n', listings["NestedThroughView"]));
        Assert.Contains(view, access => access.Contains("+72]", StringComparison.Ordinal));
        Assert.Equal(Folded(listings["NestedThroughPointer"]), view);
        Assert.NotEqual(Folded(listings["WriteThroughPointer"]), view);
    }

    /// <summary>
    /// An element of an array of views, and an atomic in it: nothing is called, no index is checked, and one instruction is locked.
    /// </summary>
    [Fact]
    public void An_atomic_of_an_element_is_incremented_by_one_locked_instruction()
    {
        string[] listing = Disassemble()["IncrementThroughView"];

        Output.WriteLine(string.Join('\n', listing));
        Assert.DoesNotContain(listing, static line => Transfer().IsMatch(line));
        Assert.Single(listing, static line => Locked().IsMatch(line));
    }

    /// <summary>Lets the other process compile the methods of <c>Codegen</c>, and reads the listings.</summary>
    private static Dictionary<string, string[]> Disassemble()
    {
        string file = Path.Combine(NamesDirectory.Path, "disassembly");
        using (Peer peer = Peer.Start(
            TestPeerProgram,
            ["codegen"],
            [("DOTNET_JitDisasm", "*Through*"), ("DOTNET_JitStdOutFile", file), ("DOTNET_TieredCompilation", "0"),
                ("DOTNET_JitDisasmDiffable", "1")]))
            Assert.Equal(0, peer.Exit());

        Dictionary<string, string[]> listings = [];
        string method = "";
        List<string> lines = [];
        foreach (string line in File.ReadLines(file).Append("; Total bytes of code"))
        {
            if (ListingStart().Match(line) is { Success: true } start)
            {
                method = start.Groups[1].Value;
                lines = [];
            }
            else if (line.StartsWith("; Total bytes", StringComparison.Ordinal))
            {
                listings[method] = [.. lines];
            }
            else if (line.StartsWith("       ", StringComparison.Ordinal)
                && !line.TrimStart().StartsWith("align ", StringComparison.Ordinal))
            {
                lines.Add(Spaces().Replace(line.Split(';')[0].Trim(), " "));
            }
        }

        File.Delete(file);
        return listings;
    }

    /// <summary>The instructions with their registers named in the order in which they occur.</summary>
    private static string[] Renamed(string[] lines)
    {
        Dictionary<string, string> names = [];
        return [.. lines.Select(line => Register().Replace(line, match =>
        {
            string register = Whole(match.Value);
            if (!names.TryGetValue(register, out string? name))
                names[register] = name = $"r{names.Count}";
            return name;
        }))];
    }

    /// <summary>Each access to memory: the instruction, and the address as an offset from the first argument.</summary>
    private static List<string> Folded(string[] lines)
    {
        Dictionary<string, long> offsets = new() { [RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "x0" : "rdi"] = 0 };
        List<string> accesses = [];
        foreach (string line in lines)
        {
            string operation = line.Split(' ')[0];
            Match memory = Memory().Match(line);
            Match sum = Sum().Match(line);
            if (operation == "lea" && memory.Success && offsets.TryGetValue(Whole(memory.Groups[1].Value), out long from))
                offsets[Whole(Register().Match(line).Value)] = from + Number(memory.Groups[2].Value);
            else if (operation == "mov" && Move().Match(line) is { Success: true } move
                && offsets.TryGetValue(Whole(move.Groups[2].Value), out from))
                offsets[Whole(move.Groups[1].Value)] = from;
            else if (sum.Success
                && offsets.TryGetValue(Whole(sum.Groups[2].Value is { Length: > 0 } source ? source : sum.Groups[1].Value), out from))
                offsets[Whole(sum.Groups[1].Value)] = from + Number(sum.Groups[3].Value);
            else if (memory.Success && offsets.TryGetValue(Whole(memory.Groups[1].Value), out from))
                accesses.Add($"{operation} [+{from + Number(memory.Groups[2].Value)}]");
        }

        return accesses;
    }

    private static string Whole(string register) =>
        s_x64.TryGetValue(register, out string? whole) ? whole
        : register[0] is 'x' or 'w' && char.IsAsciiDigit(register[^1]) && !register.StartsWith("xmm", StringComparison.Ordinal)
            ? "x" + register[1..]
        : register[0] == 'r' ? register.TrimEnd('b', 'w', 'd')
        : register;

    private static long Number(string text)
    {
        text = text.TrimStart('+', '#');
        return text.Length == 0 ? 0
            : text.StartsWith("0x", StringComparison.Ordinal) ? long.Parse(text[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
            : long.Parse(text, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"^; Assembly listing for method .*:(\w+)\(")]
    private static partial Regex ListingStart();

    // A call or a conditional branch, on x64 and on arm64.
    [GeneratedRegex(@"^(call|bl|blr|j\w+|b\.\w+|cbn?z|tbn?z) ")]
    private static partial Regex Transfer();

    [GeneratedRegex(@"^(lock$|lock |ldadd\w* )")]
    private static partial Regex Locked();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\b(r[a-d]x|e[a-d]x|[re]?(si|di|bp|sp)|[a-d]l|(si|di)l|r\d+[bwd]?|[xyz]mm\d+|[xwvdsqhb]\d+|fp|lr)\b")]
    private static partial Regex Register();

    // [rdi+0x08] on x64, [x0, #0x08] on arm64.
    [GeneratedRegex(@"\[(\w+)(?:(?:\+|, ?)(#?(?:0x)?[0-9A-Fa-f]+))?\]")]
    private static partial Regex Memory();

    [GeneratedRegex(@"^mov (\w+), (\w+)$")]
    private static partial Regex Move();

    // add rdi, 80 on x64, add x0, x0, #80 on arm64.
    [GeneratedRegex(@"^add (\w+), (?:(\w+), )?(#?(?:0x)?[0-9A-Fa-f]+)$")]
    private static partial Regex Sum();
}
