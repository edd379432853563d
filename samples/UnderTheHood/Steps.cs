using System.Diagnostics;
using System.Globalization;

namespace TypedShm.Samples.UnderTheHood;

/// <summary>The stations of the tour. Each says what the kernel does and shows it on the two running processes.</summary>
internal static class Steps
{
    public static void File(SharedRegion region, Mapped writer)
    {
        (ulong inode, ulong links) = Kernel.Status(writer.Descriptor);
        Title("memfd_create makes an inode that no directory lists");
        Line("the descriptor is open on", Proc.Link(writer));
        Line("inode", $"{inode}, with {links} links; it lives until the last descriptor and the last mapping are gone");
        Require(links == 0 && inode == (ulong)region.Inode, "A memfd has no links.");
    }

    public static void Seals(SharedRegion region)
    {
        int descriptor = Kernel.Number(region.Descriptor);
        Title("fcntl(F_ADD_SEALS) fixes what can be done with it from now on, for everybody");
        Line("seals", Kernel.Seals(descriptor));
        Refused("ftruncate(fd, 0)", Kernel.TryTruncate(descriptor));
        Refused("write(fd, …)", Kernel.TryWrite(descriptor));
        Refused("mmap(PROT_WRITE, MAP_SHARED, fd)", Kernel.TryMapWritable(descriptor, region.Size));
        Line("the mapping that was made before", "goes on writing: it is the only one that ever will");
    }

    public static bool Descriptors(Mapped writer, Mapped reader)
    {
        Title("sendmsg(SCM_RIGHTS) puts a reference to the open file into the message; "
            + "recvmsg installs it under a number of the receiver's");
        Both(writer, reader,
            mapped => $"descriptor {mapped.Descriptor}, opened {Access(mapped)}, inode {Proc.DescriptorInfo(mapped, "ino")}, "
            + $"{Proc.Link(mapped)}");
        bool isOne = Proc.DescriptorInfo(writer, "ino") == Proc.DescriptorInfo(reader, "ino");
        Line("same inode", isOne ? "yes" : "no");
        return isOne;
    }

    public static void Mappings(Mapped writer, Mapped reader)
    {
        Title("mmap(MAP_SHARED) makes the pages of the file themselves visible at an address, not copies: the s of rw-s and r--s");
        Both(writer, reader, Proc.Mapping);
        Both(writer, reader, mapped => $"VmFlags: {Proc.Flags(mapped)}");
        Line("flags", "rd, wr: may be read, written now; mr, mw: may be made so by mprotect; ms: MAP_SHARED; sh: VM_SHARED, which the "
            + "kernel leaves out if the file is open for reading only");
        Require(Proc.Mapping(writer).Contains(" rw-s ", StringComparison.Ordinal)
            && Proc.Mapping(reader).Contains(" r--s ", StringComparison.Ordinal), "The writer's mapping is rw-s and the reader's r--s.");
        string[] flags = Proc.Flags(writer).Split(' ');
        Require(flags.Contains("sh") && flags.Contains("wr"), "The writer's mapping has VM_SHARED and VM_WRITE.");
        Require(Proc.Flags(reader).Split(' ').Contains("ms"), "The reader's mapping has VM_MAYSHARE.");
    }

    public static bool Store(SharedStructWriter<Note> shared, Process reader)
    {
        long number = Random.Shared.NextInt64(1, long.MaxValue);
        Title("the writer stores a number, the reader loads it");
        shared.View.Number.Write(number);
        reader.StandardInput.WriteLine("look");
        string? seen = reader.StandardOutput.ReadLine();
        Line($"writer, process {Environment.ProcessId}", $"stores {number}");
        Line($"reader, process {reader.Id}", $"loads  {seen}");
        return seen == number.ToString(CultureInfo.InvariantCulture);
    }

    /// <returns>Whether the two processes have one page, as far as this process may know.</returns>
    public static bool Frames(Mapped writer, Mapped reader, bool isOneFile)
    {
        Title("the page tables of the two processes say which physical page is behind an address");
        (ulong first, ulong second) = BothFrames(writer, reader);
        if (first == 0)
        {
            Line("/proc/PID/pagemap", "shows frame numbers to root only (CAP_SYS_ADMIN), and 0 to this process");
            Line("same physical page", isOneFile
                ? "not shown to this user; but the inode is the same, and a file has each of its pages once"
                : "no, the files are different");
            return isOneFile;
        }

        Line($"writer, process {writer.Process}", $"address 0x{writer.Address:x} is in page frame 0x{first:x}");
        Line($"reader, process {reader.Process}", $"address 0x{reader.Address:x} is in page frame 0x{second:x}");
        Line("same physical page", first == second ? "yes" : "no");
        return first == second;
    }

    // The kernel may move a page between two looks; then the writer's frame is another one afterwards.
    private static (ulong Writer, ulong Reader) BothFrames(Mapped writer, Mapped reader)
    {
        while (true)
        {
            ulong first = Proc.Frame(writer);
            ulong second = Proc.Frame(reader);
            if (Proc.Frame(writer) == first)
                return (first, second);
        }
    }

    // The last digit of the flags is the access mode of open(2).
    private static string Access(Mapped mapped) => Proc.DescriptorInfo(mapped, "flags")[^1] switch
    {
        '0' => "for reading",
        '2' => "for reading and writing",
        char other => throw new InvalidOperationException($"The access mode {other} was not expected."),
    };

    private static void Refused(string call, string answer)
    {
        Line(call, answer);
        Require(answer == "refused: Operation not permitted", $"The kernel refuses {call} with EPERM.");
    }

    private static void Both(Mapped writer, Mapped reader, Func<Mapped, string> describe)
    {
        Line($"writer, process {writer.Process}", describe(writer));
        Line($"reader, process {reader.Process}", describe(reader));
    }

    private static void Require(bool condition, string fact)
    {
        if (!condition)
            throw new InvalidOperationException($"Not as expected on this kernel: {fact}");
    }

    private static void Title(string text) => Console.WriteLine($"\n{text}");

    private static void Line(string name, string value) => Console.WriteLine($"  {name}: {value}");
}
