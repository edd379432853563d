using System.Runtime.CompilerServices;

// Tests count the descriptors and mappings of the whole process, so one runs at a time.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace TypedShm.Tests;

internal static class AssemblySetup
{
    /// <summary>Where the endpoints of the tests are, and of the peers that they start.</summary>
    public static string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("typedshm-tests-").FullName;

    // Before any test, and any peer, looks for an endpoint.
    [ModuleInitializer]
    internal static void Prepare()
    {
        Environment.SetEnvironmentVariable("TYPEDSHM_DIR", Directory);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => System.IO.Directory.Delete(Directory, recursive: true);
    }
}
