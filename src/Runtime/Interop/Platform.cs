using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TypedShm.Interop;

internal static class Platform
{
    /// <summary>Throws where the library cannot work, before any of its native code is touched.</summary>
    public static void Require()
    {
        if (OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64)
            return;

        throw new PlatformNotSupportedException(
            $"TypedShm needs Linux on x64 or arm64 (memfd, file seals and futexes); this is {RuntimeInformation.OSDescription} on "
                + $"{RuntimeInformation.ProcessArchitecture}.");
    }
}
