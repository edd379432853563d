namespace TypedShm.TestKit;

/// <summary>
/// Where the endpoints of a test run are, and those of the processes that it starts: a directory of its own, so that tests meet neither
/// each other nor the user's own programs.
/// </summary>
public static class NamesDirectory
{
    private const string Variable = "TYPEDSHM_DIR";
    private const string Prefix = "typedshm-tests-";

    private static readonly Lock s_gate = new();
    private static int s_names;
    private static string? s_path;

    /// <summary>The directory.</summary>
    public static string Path => s_path ?? throw new InvalidOperationException($"{nameof(NamesDirectory)}.{nameof(Use)} comes first.");

    /// <summary>
    /// Makes the directory and points TYPEDSHM_DIR to it. To be called when a test assembly is loaded, before anything looks for an
    /// endpoint.
    /// </summary>
    public static void Use()
    {
        lock (s_gate)
        {
            if (s_path is not null)
                return;
            // A process that a test has started has the names of the test.
            string? inherited = Environment.GetEnvironmentVariable(Variable);
            if (System.IO.Path.GetFileName(inherited)?.StartsWith(Prefix, StringComparison.Ordinal) == true)
            {
                s_path = inherited;
                return;
            }

            s_path = Directory.CreateTempSubdirectory(Prefix).FullName;
        }

        Environment.SetEnvironmentVariable(Variable, s_path);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Delete();
    }

    /// <summary>A name that no other test uses.</summary>
    public static string NewName(string name = "engine") => $"{name}-{Interlocked.Increment(ref s_names)}";

    // A peer that is being killed may still make files; what cannot be deleted now is left to whoever empties the temporary directory.
    private static void Delete()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException error)
        {
            Console.Error.WriteLine($"'{Path}' stays: {error.Message}");
        }
    }
}
