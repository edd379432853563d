using System.Runtime.CompilerServices;

namespace TypedShm.Growth.Tests;

internal static class AssemblySetup
{
    /// <summary>How long anything may take before a test gives up on it; no test depends on how long it does take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // Where the endpoints of the tests are, and of the peers that they start.
    [ModuleInitializer]
    internal static void Prepare()
    {
        string directory = Directory.CreateTempSubdirectory("typedshm-growth-").FullName;
        Environment.SetEnvironmentVariable("TYPEDSHM_DIR", directory);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(directory, recursive: true);
    }

    public static string DotNet => Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";
}
