using Xunit;

namespace TypedShm.Docs.Tests;

/// <summary>No line of code or Markdown is longer than a screen is wide: what is, is named here.</summary>
public sealed class LineLengthTests
{
    private const int Longest = 140;

    private static readonly string[] s_kinds = ["*.cs", "*.md", "*.c", "*.h"];

    // What the generator writes, compared byte by byte; what is generated of figures; the yardsticks, whose sums are listed; what programs
    // print, as they print it.
    private static readonly string[] s_exceptions =
    [
        "tests/Generator.Tests/Snapshots/",
        "docs/performance.md",
        "docs/crash-matrix.md",
        "bench/limit/",
        "docs/how-it-works.md",
        "samples/Call/README.md",
        "samples/Frames/README.md",
    ];

    [Fact]
    public void No_line_is_longer_than_140_columns()
    {
        string[] files = [.. s_kinds.SelectMany(Files).Where(file => !s_exceptions.Any(exception => IsOf(file, exception)))];
        Assert.True(files.Length > 500);
        Assert.Empty(files.SelectMany(TooLong));
    }

    [Fact]
    public void Every_exception_is_of_something_that_is_there()
    {
        string[] files = [.. s_kinds.SelectMany(Files)];
        Assert.All(s_exceptions, exception => Assert.Contains(files, file => IsOf(file, exception)));
    }

    private static bool IsOf(string file, string exception) => file.StartsWith(exception, StringComparison.Ordinal);

    // But what a build has made.
    private static IEnumerable<string> Files(string kind) => Directory
        .EnumerateFiles(Page.Root, kind, new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Hidden })
        .Select(path => Path.GetRelativePath(Page.Root, path))
        .Where(file => !file.Split('/').Any(part => part is "bin" or "obj" or "artifacts" or "packages"));

    private static IEnumerable<string> TooLong(string file) => File.ReadLines(Path.Combine(Page.Root, file))
        .Select((line, index) => (Line: index + 1, line.Length))
        .Where(line => line.Length > Longest)
        .Select(line => $"{file}:{line.Line}: {line.Length} columns");
}
