using System.Runtime.CompilerServices;

namespace TypedShm.TestKit;

/// <summary>Part of every test assembly that uses the kit.</summary>
internal static class NamesSetup
{
    [ModuleInitializer]
    internal static void Prepare() => NamesDirectory.Use();
}
