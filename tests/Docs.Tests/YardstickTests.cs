using System.Security.Cryptography;
using Xunit;

namespace TypedShm.Docs.Tests;

/// <summary>The C programs that the figures are compared with are those that the comparison was agreed on.</summary>
public sealed class YardstickTests
{
    private static readonly string s_directory = Path.Combine(Page.Root, "bench/limit");

    public static TheoryData<string, string> Listed
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (string line in File.ReadLines(Path.Combine(s_directory, "SHA256SUMS")))
            {
                string[] parts = line.Split("  ", 2);
                data.Add(parts[1], parts[0]);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Listed))]
    public void A_yardstick_is_the_one_that_is_listed(string file, string hash) =>
        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(s_directory, file)))));

    [Fact]
    public void Every_yardstick_is_listed()
    {
        IEnumerable<string> files = Directory.GetFiles(s_directory).Select(path => Path.GetFileName(path)!);
        string[] sources = [.. files.Where(IsSource).Order(StringComparer.Ordinal)];

        Assert.True(sources.Length > 15);
        Assert.Equal(sources, Listed.Select(row => (string)row[0]).Where(IsSource).Order(StringComparer.Ordinal));
    }

    private static bool IsSource(string file) =>
        file.EndsWith(".c", StringComparison.Ordinal) || file.EndsWith(".h", StringComparison.Ordinal);
}
