using System.Diagnostics;

namespace TypedShm.Mutants;

/// <summary>A copy of the repository's files, as they are now, that bugs are planted into.</summary>
internal sealed class Tree : IDisposable
{
    private Tree(string path) => Path = path;

    public string Path { get; }

    public static Tree Copy(string root)
    {
        string path = Directory.CreateTempSubdirectory("typedshm-mutants-").FullName;
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

    /// <summary>Plants a bug.</summary>
    /// <returns>Takes it out again.</returns>
    public IDisposable Plant(Mutant mutant)
    {
        Dictionary<string, string> before = [];
        foreach (Edit edit in mutant.Edits)
        {
            string file = System.IO.Path.Combine(Path, edit.File);
            string text = File.ReadAllText(file);
            before.TryAdd(file, text);
            File.WriteAllText(
                file,
                Mutant.Apply(text, edit) ?? throw new InvalidOperationException($"{mutant.Name} does not apply to {edit.File}."));
        }

        return new Restoration(before);
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

    private sealed class Restoration(Dictionary<string, string> before) : IDisposable
    {
        public void Dispose()
        {
            foreach ((string file, string text) in before)
                File.WriteAllText(file, text);
        }
    }
}
