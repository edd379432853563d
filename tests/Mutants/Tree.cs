using System.Diagnostics;
using System.Text;

namespace TypedShm.Mutants;

/// <summary>A copy of the repository's files, as they are now, that bugs are planted into.</summary>
internal sealed class Tree : IDisposable
{
    private const string Configuration = "Debug";

    // Bugs may make the compiler or an analyzer complain, which is not what is asked here.
    private static readonly string[] s_build =
    [
        "-c", Configuration, "-v", "q", "-nologo", "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false",
        "-p:GenerateDocumentationFile=false",
    ];

    private readonly Dictionary<string, string> _assemblies = [];

    private Tree(string path) => Path = path;

    public string Path { get; }

    public static Tree Copy(string root)
    {
        string path = Directory.CreateTempSubdirectory("typedshm-mutants-").FullName;

        // Some tests start processes of other users.
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        foreach (string file in Files(root))
        {
            string source = System.IO.Path.Combine(root, file);
            if (!File.Exists(source))
                continue;
            string target = System.IO.Path.Combine(path, file);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
            File.Copy(source, target);
        }

        return new Tree(path);
    }

    /// <summary>Whether the places that a bug changes are there.</summary>
    /// <returns>The file in which they are not; null if they are.</returns>
    public static string? WhyNot(string root, Mutant mutant) => mutant.Edits
        .FirstOrDefault(edit => !Applies(System.IO.Path.Combine(root, edit.File), edit))?.File;

    /// <summary>Builds a project and all that it refers to.</summary>
    public bool Build(string project, string log) => Run(log, "build", project, [.. s_build]);

    /// <summary>The assembly that a project is built as.</summary>
    public string AssemblyOf(string project, string log)
    {
        if (!_assemblies.TryGetValue(project, out string? assembly))
        {
            Command command = new(Path, log, Timeout.InfiniteTimeSpan);
            command.Run(["dotnet", "msbuild", project, "-getProperty:TargetPath", $"-p:Configuration={Configuration}"]);
            _assemblies[project] = assembly = command.Output.Single(line => line.Length > 0);
        }

        return assembly;
    }

    /// <summary>
    /// Plants a bug, and builds the projects that it is in; those that refer to them get the new assemblies and are not built again.
    /// </summary>
    /// <returns>Takes it out again; null if it does not build.</returns>
    public IDisposable? Plant(Mutant mutant, string log)
    {
        Restoration restoration = new();
        foreach (Edit edit in mutant.Edits)
        {
            string file = System.IO.Path.Combine(Path, edit.File);
            string text = File.ReadAllText(file);
            restoration.Replace(
                file,
                Encoding.UTF8.GetBytes(Mutant.Apply(text, edit) ?? throw new InvalidOperationException($"{mutant.Name} does not apply.")));
        }

        // A script builds what it needs itself.
        if (mutant.Check.Project is null)
            return restoration;
        foreach (string project in mutant.Edits.Select(edit => string.Join('/', edit.File.Split('/')[..2])).Distinct())
        {
            string assembly = AssemblyOf(project, log);
            restoration.Keep(assembly);
            if (!Run(log, "build", project, ["--no-restore", "--no-dependencies", .. s_build]))
            {
                restoration.Dispose();
                return null;
            }

            byte[] built = File.ReadAllBytes(assembly);
            string tests = System.IO.Path.Combine(Path, "tests");
            foreach (string copy in Directory.EnumerateFiles(tests, System.IO.Path.GetFileName(assembly), SearchOption.AllDirectories))
                restoration.Replace(copy, built);
        }

        return restoration;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static bool Applies(string file, Edit edit) => File.Exists(file) && Mutant.Apply(File.ReadAllText(file), edit) is not null;

    private static string[] Files(string root)
    {
        string[] arguments = ["-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        ProcessStartInfo start = new("git", arguments) { RedirectStandardOutput = true };
        using Process git = Process.Start(start)!;
        string files = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return git.ExitCode == 0
            ? files.Split('\0', StringSplitOptions.RemoveEmptyEntries)
            : throw new InvalidOperationException($"git does not list the files of '{root}'.");
    }

    private bool Run(string log, string verb, string project, string[] options) =>
        new Command(Path, log, Timeout.InfiniteTimeSpan).Run(["dotnet", verb, project, .. options]) == 0;

    private sealed class Restoration : IDisposable
    {
        private readonly Dictionary<string, byte[]> _before = [];

        /// <summary>What a file holds now it will hold again.</summary>
        public void Keep(string file) => _before.TryAdd(file, File.ReadAllBytes(file));

        public void Replace(string file, byte[] contents)
        {
            Keep(file);
            File.WriteAllBytes(file, contents);
        }

        public void Dispose()
        {
            foreach ((string file, byte[] contents) in _before)
                File.WriteAllBytes(file, contents);
        }
    }
}
