namespace TypedShm.Generator.Tests;

public sealed class VerifierTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("snapshots").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void New_changed_and_stale_snapshots_are_told_apart()
    {
        File.WriteAllText(Path.Combine(_directory, "T.M#same.g.verified.cs"), "same\r\n");
        File.WriteAllText(Path.Combine(_directory, "T.M#changed.g.verified.cs"), "before\n");
        File.WriteAllText(Path.Combine(_directory, "T.M#stale.g.verified.cs"), "gone\n");
        File.WriteAllText(Path.Combine(_directory, "T.Another#other.g.verified.cs"), "of another test\n");
        Dictionary<string, string> received = new() { ["T.M#same.g"] = "same\n", ["T.M#changed.g"] = "after\n", ["T.M#new.g"] = "new\n" };

        string message = Assert.ThrowsAny<Exception>(() => Verifier.Compare(_directory, "T.M#", received, update: false)).Message;

        Assert.EndsWith("NotEqual: T.M#changed.g.received.cs\nNew: T.M#new.g.received.cs\nDelete: T.M#stale.g.verified.cs", message,
            StringComparison.Ordinal);
        Assert.Equal("after\n", File.ReadAllText(Path.Combine(_directory, "T.M#changed.g.received.cs")));
        Assert.False(File.Exists(Path.Combine(_directory, "T.M#same.g.received.cs")));
    }

    [Fact]
    public void Accepting_makes_the_snapshots_what_was_received()
    {
        if (DiffEngine.BuildServerDetector.Detected)
        {
            Assert.Throws<InvalidOperationException>(
                () => Verifier.Compare(_directory, "T.M#", new Dictionary<string, string>(), update: true));
            return;
        }

        File.WriteAllText(Path.Combine(_directory, "T.M#stale.g.verified.cs"), "gone\n");
        Verifier.Compare(_directory, "T.M#", new Dictionary<string, string> { ["T.M#new.g"] = "new\n" }, update: true);

        Assert.Equal(["T.M#new.g.verified.cs"], Directory.GetFiles(_directory).Select(Path.GetFileName));
        Verifier.Compare(_directory, "T.M#", new Dictionary<string, string> { ["T.M#new.g"] = "new\n" }, update: false);
    }
}
