namespace TypedShm.Mutants;

/// <summary>The names of the tests of built projects.</summary>
internal sealed class TestNames(string root) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly Dictionary<string, string[]> _known = [];
    private readonly string _log = Path.GetTempFileName();

    /// <summary>Whether the name of a test of a project contains a word.</summary>
    public bool Has(string project, string word)
    {
        if (!_known.TryGetValue(project, out string[]? names))
        {
            Command command = new(root, _log, s_patience);
            command.Run(["dotnet", "test", project, "--no-build", "--list-tests"]);
            _known[project] = names = [.. command.Output];
        }

        return names.Any(name => name.StartsWith("    ", StringComparison.Ordinal) && name.Contains(word, StringComparison.Ordinal));
    }

    public void Dispose() => File.Delete(_log);
}
