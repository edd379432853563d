using System.Buffers.Binary;
using System.Globalization;

namespace TypedShm.Samples.UnderTheHood;

/// <summary>What /proc says of a process's descriptors and mappings, see proc(5).</summary>
internal static class Proc
{
    private const ulong FrameMask = (1UL << 55) - 1;
    private const ulong Present = 1UL << 63;

    /// <summary>What the descriptor is open on.</summary>
    public static string Link(Mapped mapped) => File.ResolveLinkTarget(Path(mapped, "fd"), returnFinalTarget: false)!.Name;

    /// <summary>One line of fdinfo: "flags", the octal mode in which the file was opened, or "ino", its inode.</summary>
    public static string DescriptorInfo(Mapped mapped, string key) =>
        File.ReadLines(Path(mapped, "fdinfo"))
            .First(line => line.StartsWith(key + ":", StringComparison.Ordinal))[(key.Length + 1)..].Trim();

    /// <summary>The line of maps that contains the address.</summary>
    public static string Mapping(Mapped mapped) => Entry(mapped, "maps").First();

    /// <summary>The flags of the mapping, as smaps abbreviates them: rd readable, wr writable, sh shared, …</summary>
    public static string Flags(Mapped mapped) =>
        Entry(mapped, "smaps").First(line => line.StartsWith("VmFlags:", StringComparison.Ordinal))["VmFlags:".Length..].Trim();

    /// <summary>The number of the physical page that is mapped at the address; 0 if the kernel does not tell this process.</summary>
    public static ulong Frame(Mapped mapped)
    {
        Span<byte> entry = stackalloc byte[sizeof(ulong)];
        using FileStream pagemap =
            new($"/proc/{mapped.Process}/pagemap", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        pagemap.Position = mapped.Address / Environment.SystemPageSize * sizeof(ulong);
        pagemap.ReadExactly(entry);
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(entry);
        return (value & Present) != 0
            ? value & FrameMask
            : throw new InvalidOperationException($"Process {mapped.Process} has no page at {mapped.Address:x}.");
    }

    private static IEnumerable<string> Entry(Mapped mapped, string file) =>
        File.ReadLines($"/proc/{mapped.Process}/{file}").SkipWhile(line => !Contains(line, mapped.Address));

    private static bool Contains(string line, nint address)
    {
        string[] ends = line.Split(' ')[0].Split('-');
        return ends.Length == 2
            && nint.TryParse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out nint start)
            && nint.TryParse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out nint end)
            && start <= address && address < end;
    }

    private static string Path(Mapped mapped, string directory) => $"/proc/{mapped.Process}/{directory}/{mapped.Descriptor}";
}
