using System.Diagnostics;
using System.Reflection;
using System.Text.RegularExpressions;

namespace TypedShm.Growth.Tests;

/// <summary>
/// A project in a directory of its own, which the SDK builds. It has the runtime, the generator and the targets that the package brings.
/// </summary>
public sealed partial class Project : IDisposable
{
    public const string Structs = """
        using TypedShm;

        namespace Acme;

        public enum Mode : byte { Idle, Run = 5 }

        [SharedLayout]
        public partial struct Core
        {
            public uint User;
            public uint Idle;
        }

        [SharedLayout]
        public partial struct Telemetry
        {
            public long Tick;
            public double Rpm;
            public int Faults;
            public Mode Mode;
            public Core Core;
        }

        [SharedLayout]
        public partial struct Order
        {
            public long Id;
            public int Amount;
            public int Price;
        }
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("typedshm-project-").FullName;

    public Project()
    {
        string root = typeof(Project).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "Root").Value!;
        Write("Acme.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <TypedShmLayoutFile Condition="'$(TypedShmLayoutFile)' == ''">true</TypedShmLayoutFile>
              </PropertyGroup>
              <ItemGroup>
                <Reference Include="{AppContext.BaseDirectory}TypedShm.dll" />
                <Analyzer Include="{AppContext.BaseDirectory}TypedShm.Generator.dll" />
              </ItemGroup>
            </Project>
            """);

        // Nothing of the directories above reaches it, whatever they hold.
        Write("Directory.Build.props", "<Project />");
        Write("Directory.Build.targets",
            $"""<Project><Import Project="{root}/src/Runtime/buildTransitive/TypedShm.targets" /></Project>""");
        Write("Structs.cs", Structs);
    }

    private string LayoutFilePath => Path.Combine(_directory, "Acme.layout.json");

    /// <summary>The text of the layout file, or null if there is none.</summary>
    public string? LayoutFile
    {
        get => File.Exists(LayoutFilePath) ? File.ReadAllText(LayoutFilePath) : null;
        set
        {
            if (value is null)
                File.Delete(LayoutFilePath);
            else
                File.WriteAllText(LayoutFilePath, value);
        }
    }

    public void Write(string name, string text) => File.WriteAllText(Path.Combine(_directory, name), text);

    /// <summary>Builds it.</summary>
    /// <returns>Whether that succeeded, and what was reported, each once, without the place in the file system.</returns>
    public (bool Succeeded, string[] Reports) Build(params string[] arguments)
    {
        ProcessStartInfo start = new(Peer.DotNet, ["build", "-v:quiet", "-nodeReuse:false", "-p:UseSharedCompilation=false", .. arguments])
        {
            WorkingDirectory = _directory,
            RedirectStandardOutput = true,
        };

        // What the test run itself was started with is not meant for this build.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase))
            .ToArray())
            start.Environment.Remove(name);
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEndAsync().WaitAsync(Peer.Patience).GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode == 0, [.. Report().Matches(output).Select(report =>
            $"{report.Groups[1].Value}: {report.Groups[2].Value}").Distinct().Order(StringComparer.Ordinal)]);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [GeneratedRegex(@"((?:error|warning) [A-Z]+\d+): (.*?)(?= (?:If no program|\(https://|\[/))")]
    private static partial Regex Report();
}
