using System.Diagnostics;

namespace TypedShm.BuildCost;

/// <summary>The C# compiler of the SDK, as a process of its own, so that its processor time can be read.</summary>
internal sealed class Compiler(string directory, IReadOnlyList<string> sources)
{
    private static readonly string s_dotnet =
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../.."));

    /// <summary>Compiles the sources once.</summary>
    /// <param name="name">The name of the output.</param>
    /// <param name="generator">The assembly of generator and analyzers, or null.</param>
    /// <param name="options">Further options of the compiler.</param>
    /// <returns>The compiler's processor time, user and system.</returns>
    /// <exception cref="InvalidOperationException">The sources do not compile.</exception>
    public TimeSpan Run(string name, string? generator, params string[] options)
    {
        string response = Path.Combine(directory, $"{name}.rsp");
        File.WriteAllLines(response,
        [
            "/nologo", "/target:library", "/langversion:14", "/nullable:enable", "/optimize+", "/debug:portable", "/nowarn:1701,1702",
                "/nostdlib+",
            $"/out:{Path.Combine(directory, $"{name}.dll")}",
            .. Directory.GetFiles(Newest("packs/Microsoft.NETCore.App.Ref", "ref/net10.0"), "*.dll")
                .Select(static path => $"/reference:{path}"),
            $"/reference:{typeof(SharedLayoutAttribute).Assembly.Location}",
            .. generator is null ? Array.Empty<string>() : [$"/analyzer:{generator}"],
            .. options,
            .. ImplicitUsings(),
            .. sources,
        ]);

        TimeSpan before = ChildTime.Now();
        ProcessStartInfo start = new(Path.Combine(s_dotnet, "dotnet"), [Path.Combine(Newest("sdk", "Roslyn/bincore"), "csc.dll"),
            "/noconfig", $"@{response}"])
        { RedirectStandardOutput = true };
        using Process compiler = Process.Start(start)!;
        string output = compiler.StandardOutput.ReadToEnd();
        compiler.WaitForExit();
        return compiler.ExitCode == 0 ? ChildTime.Now() - before : throw new InvalidOperationException($"The compiler failed:\n{output}");
    }

    private string[] ImplicitUsings()
    {
        string path = Path.Combine(directory, "GlobalUsings.cs");
        File.WriteAllText(path, "global using System;\nglobal using System.Collections.Generic;\nglobal using System.Linq;\n");
        return [path];
    }

    private static string Newest(string folder, string inner) => Path.Combine(
        Directory.GetDirectories(Path.Combine(s_dotnet, folder), "10.*")
            .OrderBy(static path => Version.Parse(Path.GetFileName(path).Split('-')[0])).Last(), inner);
}
