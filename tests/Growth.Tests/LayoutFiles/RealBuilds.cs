namespace TypedShm.Growth.Tests;

/// <summary>Projects with a layout file, built by the SDK as users build them.</summary>
public sealed class RealBuilds(RecordedProject recorded) : IClassFixture<RecordedProject>
{
    private const string Update = "-t:UpdateTypedShmLayout";
    private const string Keep = "Keep published fields as they are, and append new ones behind them.";
    private const string KeepMembers = "Keep the names and values of published members, and add new ones.";

    private readonly Project _project = recorded.Reset();

    [Fact]
    public void A_project_without_the_file_is_told_how_to_write_it_and_the_target_does()
    {
        _project.LayoutFile = null;
        (bool succeeded, string[] reports) = _project.Build();
        Assert.True(succeeded);
        Assert.Equal(
            [NotRecorded("'Core'"), NotRecorded("'Order'"), NotRecorded("'Telemetry'")],
            reports);

        Assert.True(_project.Build(Update).Succeeded);
        Assert.Equal(recorded.Text, _project.LayoutFile);
        AssertSilent(_project.Build());
    }

    [Fact]
    public void What_is_appended_is_allowed_and_has_to_be_recorded()
    {
        _project.Write("Structs.cs", Project.Structs
            .Replace("public int Price;", "public int Price; public long Fee;", StringComparison.Ordinal)
            .Replace("Run = 5", "Run = 5, Stop", StringComparison.Ordinal));
        (bool succeeded, string[] reports) = _project.Build();
        Assert.True(succeeded);
        Assert.Equal(
            [NotRecorded("'Order.Fee'"), NotRecorded("the member 'Stop' of 'Telemetry.Mode'")],
            reports);
        Assert.False(_project.Build("--no-incremental", "-p:TreatWarningsAsErrors=true").Succeeded);

        Assert.True(_project.Build(Update).Succeeded);
        AssertSilent(_project.Build());
        string[] added = [.. _project.LayoutFile!.Split('\n').Except(recorded.Text.Split('\n')).Select(line => line.Trim())];
        Assert.Contains("""{ "name": "Fee", "kind": "int64", "offset": 16, "size": 8 }] },""", added);
        Assert.Contains("\"Stop\": 6 } },", added);

        // From now on it is published, as the others are.
        _project.Write("Structs.cs", Project.Structs.Replace("Run = 5", "Run = 5, Stop", StringComparison.Ordinal));
        (succeeded, reports) = _project.Build();
        Assert.False(succeeded);
        Assert.Contains($"error TSHM0301: 'Order.Fee' is gone, but is published as int64 (8 bytes at offset 16). {Keep}", reports);
    }

    [Theory]
    [InlineData(
        "public long Tick;\n    public double Rpm;", "public double Rpm;\n    public long Tick;",
        "error TSHM0301: 'Telemetry.Rpm' is float64 (8 bytes at offset 0), but is published as float64 (8 bytes at offset 8).",
        "error TSHM0301: 'Telemetry.Tick' is int64 (8 bytes at offset 8), but is published as int64 (8 bytes at offset 0).")]
    [InlineData(
        "double Rpm", "long Rpm",
        "error TSHM0301: 'Telemetry.Rpm' is int64 (8 bytes at offset 8), but is published as float64 (8 bytes at offset 8).")]
    [InlineData(
        "int Amount", "int Volume",
        "error TSHM0301: 'Order.Volume' is published under the name 'Amount'.")]
    [InlineData(
        "    public int Price;\n", "",
        "error TSHM0301: 'Order.Price' is gone, but is published as int32 (4 bytes at offset 12).")]
    [InlineData(
        "public uint User;", "public int User;",
        "error TSHM0301: 'Core.User' is int32 (4 bytes at offset 0), but is published as uint32 (4 bytes at offset 0).",
        "error TSHM0301: 'Telemetry.Core.User' is int32 (4 bytes at offset 24), but is published as uint32 (4 bytes at offset 24).")]
    public void A_change_of_what_is_published_is_an_error_field_by_field(string what, string by, params string[] expected)
    {
        Assert.Contains(what, Project.Structs, StringComparison.Ordinal);
        _project.Write("Structs.cs", Project.Structs.Replace(what, by, StringComparison.Ordinal));
        (bool succeeded, string[] reports) = _project.Build();
        Assert.False(succeeded);
        Assert.Equal([.. expected.Select(one => $"{one} {Keep}")], reports);
    }

    [Fact]
    public void Renumbered_and_removed_members_of_enums_are_errors()
    {
        _project.Write("Structs.cs", Project.Structs.Replace("Idle, Run = 5", "Idle = 1, Walk = 5", StringComparison.Ordinal));
        (bool succeeded, string[] reports) = _project.Build();
        Assert.False(succeeded);
        Assert.Equal(
            [
                $"error TSHM0302: 'Telemetry.Mode' has no member 'Run' any more, which is published as 5. {KeepMembers}",
                $"error TSHM0302: 'Telemetry.Mode' has the member 'Idle' as 1, but it is published as 0. {KeepMembers}",
            ],
            reports);
    }

    [Fact]
    public void A_struct_that_is_gone_is_an_error_until_that_is_accepted()
    {
        _project.Write("Structs.cs", Project.Structs.Replace("struct Order", "struct Trade", StringComparison.Ordinal));
        (bool succeeded, string[] reports) = _project.Build();
        Assert.False(succeeded);
        Assert.Contains("error TSHM0303: 'Acme.Order' is published in 'Acme.layout.json', but this project has no such shared struct "
            + "any more. Put it back, or give it its published name.", reports);

        Assert.True(_project.Build(Update).Succeeded);
        AssertSilent(_project.Build());
        Assert.Contains("Acme.Trade", _project.LayoutFile, StringComparison.Ordinal);
        Assert.DoesNotContain("Acme.Order", _project.LayoutFile, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_an_error()
    {
        _project.LayoutFile = recorded.Text.Replace("  \"structs\"", "<<<<<<< HEAD\n  \"structs\"", StringComparison.Ordinal);
        (bool succeeded, string[] reports) = _project.Build();
        Assert.False(succeeded);
        Assert.StartsWith("error TSHM0305: 'Acme.layout.json' cannot be read (line 3: found '<<<<<<< HEAD', expected a name).",
            Assert.Single(reports), StringComparison.Ordinal);
    }

    [Fact]
    public void Turned_off_it_is_silent()
    {
        _project.Write("Structs.cs", Project.Structs.Replace("double Rpm", "long Rpm", StringComparison.Ordinal)
            .Replace("Idle, Run", "Walk, Run", StringComparison.Ordinal).Replace("struct Order", "struct Trade", StringComparison.Ordinal));
        AssertSilent(_project.Build("-p:TypedShmLayoutFile=false"));
        Assert.False(_project.Build(Update, "-p:TypedShmLayoutFile=false").Succeeded);
        Assert.Equal(recorded.Text, _project.LayoutFile);
    }

    [Fact]
    public void An_update_of_a_project_with_errors_leaves_the_file_alone()
    {
        _project.Write("Structs.cs", Project.Structs.Replace("int Price", "string Price", StringComparison.Ordinal));
        (bool succeeded, string[] reports) = _project.Build(Update);
        Assert.False(succeeded);
        Assert.StartsWith("error TSHM0004: ", Assert.Single(reports), StringComparison.Ordinal);
        Assert.Equal(recorded.Text, _project.LayoutFile);
    }

    private static string NotRecorded(string what) =>
        $"warning TSHM0304: 'Acme.layout.json' does not record {what} yet: record it with 'dotnet build -t:UpdateTypedShmLayout'";

    private static void AssertSilent((bool Succeeded, string[] Reports) build)
    {
        Assert.Empty(build.Reports);
        Assert.True(build.Succeeded);
    }
}

/// <summary>A project whose layouts have been recorded once.</summary>
public sealed class RecordedProject : IDisposable
{
    private readonly Project _project = new();

    public RecordedProject()
    {
        Assert.True(_project.Build("-t:UpdateTypedShmLayout").Succeeded);
        Text = _project.LayoutFile!;
    }

    public string Text { get; }

    /// <summary>The project as it was recorded.</summary>
    public Project Reset()
    {
        _project.Write("Structs.cs", Project.Structs);
        _project.LayoutFile = Text;
        return _project;
    }

    public void Dispose() => _project.Dispose();
}
