using System.Text.Json;
using System.Xml.Linq;
using TypedShm.TestKit;
using Xunit;

namespace TypedShm.Tool.Tests;

/// <summary>Layouts, of assemblies and of channels, and how they differ.</summary>
public sealed class LayoutTests
{
    [Fact]
    public async Task The_layout_of_an_assembly_is_that_of_the_channel()
    {
        string name = NamesDirectory.NewName();
        using Peer peer = Command.Offer(name, "state");

        JsonElement channel = Assert.Single((await Command.Run("layout", name, "--json")).Objects);
        JsonElement assembly = Assert.Single((await Command.Run("layout", Command.PeerAssembly, "Quote", "--json")).Objects);

        Assert.Equal(48, assembly.GetProperty("size").GetInt32());
        Assert.Equal(channel.GetProperty("fingerprint").GetString(), assembly.GetProperty("fingerprint").GetString());
        Assert.Equal(0, (await Command.Run("diff", name, $"{Command.PeerAssembly}:Quote")).ExitCode);
    }

    [Fact]
    public async Task Padding_and_nested_fields_are_in_the_map()
    {
        JsonElement engine = Assert.Single((await Command.Run("layout", Command.Assembly, "DemoEngine", "--json")).Objects);

        Assert.Equal(
            [(0, 8, "Tick"), (8, 8, "Rpm"), (16, 4, "Temperature"), (20, 12, "Position"), (32, 4, "Gear"), (36, 16, "Unit"), (52, 4, null)],
            engine.GetProperty("parts").EnumerateArray().Select(part => (part.GetProperty("offset").GetInt32(), part.GetProperty("size")
                .GetInt32(), part.GetProperty("field").GetString())));
        Outcome text = await Command.Run("layout", Command.Assembly, "DemoEngine");
        Assert.Contains("56 bytes, alignment 8, 4 of padding", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_picture_is_well_formed_and_names_each_field()
    {
        Outcome svg = await Command.Run("layout", Command.Assembly, "DemoEngine", "--svg");

        XDocument picture = XDocument.Parse(svg.Output);
        XNamespace space = "http://www.w3.org/2000/svg";
        Assert.Equal(
            ["Tick int64 at 0", "Rpm float64 at 8", "Temperature float32 at 16", "Position vector3 at 20", "Gear int32 at 32",
                "Unit text at 36", "4 bytes of padding at 52"],
            picture.Descendants(space + "title").Select(title => title.Value));
    }

    [Fact]
    public async Task Layouts_that_differ_are_marked_and_end_with_1()
    {
        Outcome diff = await Command.Run("diff", $"{Command.PeerAssembly}:Quote", $"{Command.PeerAssembly}:Answer");

        Assert.Equal(1, diff.ExitCode);
        Assert.Contains(diff.Lines, line => line.StartsWith(" *", StringComparison.Ordinal)
            && line.Contains("Twice", StringComparison.Ordinal) && line.Contains("Square", StringComparison.Ordinal));
        Assert.Contains(diff.Lines, line => line.StartsWith("  ", StringComparison.Ordinal)
            && line.Contains("Number int64", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(3, "layout", "PEER", "Nothing")]
    [InlineData(3, "layout", "not-there.dll")]
    [InlineData(3, "layout", "not-there")]
    [InlineData(2, "diff", "PEER", "PEER")]
    [InlineData(2, "diff", "PEER")]
    public async Task What_is_not_there_or_not_meant_has_its_exit_code(int code, params string[] arguments) =>
        Assert.Equal(code, (await Command.Run([.. arguments.Select(argument => argument == "PEER" ? Command.PeerAssembly : argument)]))
            .ExitCode);

    [Fact]
    public async Task No_code_of_an_assembly_is_needed_and_other_files_are_refused()
    {
        string text = Path.Combine(NamesDirectory.Path, "text.dll");
        await File.WriteAllTextAsync(text, "no assembly");

        Outcome refused = await Command.Run("layout", text);

        Assert.Equal(1, refused.ExitCode);
        Assert.StartsWith("typedshm: ", refused.Errors, StringComparison.Ordinal);
    }
}
