using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using System.Xml.XPath;

namespace TypedShm.Generator.Tests;

/// <summary>
/// The programs of tests/Mistakes, each with one typical mistake, really built: each ends in a message of ours that names
/// the remedy, and none in an error inside generated code.
/// </summary>
public sealed partial class MistakeTests(MistakeTests.Build build) : IClassFixture<MistakeTests.Build>
{
    private static readonly string s_folder = Repository.Find("tests/Mistakes");

    private static readonly string[] s_names =
        [.. Directory.GetDirectories(s_folder).Select(static path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)];

    public static TheoryData<string> Names => [.. s_names];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_mistake_ends_in_a_message_that_names_the_remedy(string name)
    {
        XDocument project = XDocument.Load(Path.Combine(s_folder, name, $"{name}.csproj"));
        Report[] reports = [.. build.Reports.Where(report => report.Project == name)];
        Report ours = Assert.Single(reports, static report => report.Id.StartsWith("TSHM", StringComparison.Ordinal));
        Assert.Equal(project.XPathSelectElement("//ExpectedRule")!.Value, ours.Id);
        Assert.Contains(project.XPathSelectElement("//ExpectedRemedy")!.Value, ours.Message, StringComparison.Ordinal);
        Assert.All(reports, report => Assert.Equal(Path.Combine(s_folder, name, "Program.cs"), report.File));
    }

    [Fact]
    public void All_of_them_are_built() =>
        Assert.Equal(s_names, build.Reports.Select(static report => report.Project).Distinct().Order(StringComparer.Ordinal));

    /// <summary>An error, as the compiler prints it.</summary>
    public sealed record Report(string File, string Id, string Message, string Project);

    /// <summary>One build of all of them, since to start one costs more than to compile some small programs.</summary>
    public sealed partial class Build
    {
        public Build()
        {
            string configuration = Directory.GetParent(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar))!.Name;
            ProcessStartInfo start = new("dotnet", ["build", Path.Combine(s_folder, "Mistakes.slnx"), "--configuration", configuration,
                "--no-dependencies", "-nodeReuse:false", "-tl:off"])
            {
                RedirectStandardOutput = true,
                WorkingDirectory = s_folder,
            };
            using Process process = Process.Start(start)!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Reports = [.. Error().Matches(output).Select(static line => new Report(line.Groups["file"].Value, line.Groups["id"].Value,
                line.Groups["message"].Value, Path.GetFileNameWithoutExtension(line.Groups["project"].Value))).Distinct()];
            Assert.True(process.ExitCode != 0 && Reports.Length > 0, output);
        }

        public ImmutableArray<Report> Reports { get; }

        [GeneratedRegex(@"^\s*(?<file>/[^(\n]+)\(\d+,\d+\): error (?<id>\w+): (?<message>.+) \[(?<project>[^\]\n]+\.csproj)\]\s*$",
            RegexOptions.Multiline)]
        private static partial Regex Error();
    }
}
