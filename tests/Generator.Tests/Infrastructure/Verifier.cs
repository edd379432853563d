using System.Reflection;
using System.Runtime.CompilerServices;
using DiffEngine;

namespace TypedShm.Generator.Tests;

/// <summary>
/// Compares what the generator emits with the snapshots, as Verify does: the same names of files, the same way of
/// working, the same launcher of diff tools. CONTRIBUTING.md says why it is not Verify itself.
/// </summary>
internal static class Verifier
{
    private static readonly string s_directory = Path.Combine(
        typeof(Verifier).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "ProjectDirectory")
            .Value!,
        "Snapshots");

    /// <summary>Compares each generated file with <c>Class.Method#HintName.verified.cs</c>.</summary>
    public static void Verify(GeneratorRun run, [CallerFilePath] string file = "", [CallerMemberName] string method = "")
    {
        string prefix = $"{Path.GetFileNameWithoutExtension(file)}.{method}#";
        Dictionary<string, string> received = run.Files.ToDictionary(
            generated => prefix + Path.GetFileNameWithoutExtension(generated.HintName),
            generated => $"//HintName: {generated.HintName}\n{generated.SourceText.ToString().ReplaceLineEndings("\n")}");
        Compare(s_directory, prefix, received, update: Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1");
    }

    internal static void Compare(string directory, string prefix, IReadOnlyDictionary<string, string> received, bool update)
    {
        if (update && BuildServerDetector.Detected)
            throw new InvalidOperationException("UPDATE_SNAPSHOTS=1 accepts whatever the generator emits, so it is refused on a build "
                + "server. Accept on your own machine, and commit.");

        Directory.CreateDirectory(directory);
        List<string> differences = [];
        foreach ((string name, string text) in received.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            string verifiedPath = Path.Combine(directory, $"{name}.verified.cs");
            string receivedPath = Path.Combine(directory, $"{name}.received.cs");
            string? verified = File.Exists(verifiedPath) ? File.ReadAllText(verifiedPath).ReplaceLineEndings("\n") : null;
            if (update && verified != text)
                File.WriteAllText(verifiedPath, verified = text);
            if (verified == text)
            {
                File.Delete(receivedPath);
                continue;
            }

            differences.Add($"{(verified is null ? "New" : "NotEqual")}: {name}.received.cs");
            File.WriteAllText(receivedPath, text);
            DiffRunner.Launch(receivedPath, verifiedPath);
        }

        foreach (string path in Directory.GetFiles(directory, $"{prefix}*.verified.cs").Order(StringComparer.Ordinal))
        {
            if (received.ContainsKey(Path.GetFileName(path)[..^".verified.cs".Length]))
                continue;
            if (update)
                File.Delete(path);
            else
                differences.Add($"Delete: {Path.GetFileName(path)}");
        }

        if (differences.Count > 0)
            Assert.Fail($"The generator emits something else than the snapshots in {directory} say. Look at the differences; accept "
                + $"all with UPDATE_SNAPSHOTS=1.\n{string.Join('\n', differences)}");
    }
}
