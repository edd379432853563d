using System.Runtime.InteropServices;
using TypedShm.Interop;

namespace TypedShm.Ends;

/// <summary>The region of the creator before this one, which somebody has kept.</summary>
internal static class Predecessor
{
    /// <summary>Maps the region for as long as it takes to copy what it holds.</summary>
    /// <param name="descriptor">Its descriptor, which stays the caller's.</param>
    /// <param name="name">The name of the channel, for the message.</param>
    /// <param name="attach">Maps and checks a region: its descriptor, which it takes over, and its size.</param>
    /// <param name="begin">Copies; returns the version that the channel begins with.</param>
    /// <returns>What <paramref name="begin"/> returned.</returns>
    /// <exception cref="RegionInvalidException">It is no region that this channel can begin from.</exception>
    public static ulong Begin<TMemory>(
        SafeHandle descriptor, string name, Func<SafeDescriptor, long, TMemory> attach, Func<TMemory, ulong> begin)
        where TMemory : IDisposable
    {
        try
        {
            SafeDescriptor file = Native.Duplicate(descriptor);
            using TMemory last = attach(file, SharedRegion.SizeOf(file));
            return begin(last);
        }
        catch (RegionInvalidException error)
        {
            throw new RegionInvalidException($"'{name}' cannot begin from the region of BeginFrom, which has to be one of the same kind, "
                + $"struct and options. {error.Message} To begin anew, create it without BeginFrom.");
        }
    }
}
