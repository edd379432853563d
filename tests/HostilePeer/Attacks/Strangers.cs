using TypedShm.HostilePeer.Raw;
using TypedShm.HostilePeer.Targets;
using TypedShm.TestKit;

namespace TypedShm.HostilePeer.Attacks;

/// <summary>Descriptors that are no regions.</summary>
internal static unsafe class Strangers
{
    private const int Create = 0x40;
    private const int Directory = 0x10000;
    private const int ReadWrite = 2;

    /// <summary>Has files that never answer; null where there can be none.</summary>
    public static MuteFileSystem? Mute { get; set; }

    public static string[] Kinds { get; } =
    [
        "a pipe", "a directory", "a file of a tmpfs", "a file", "/dev/null", "/dev/zero", "/proc/self/mem", "an eventfd", "an epoll",
        "a socket", "a memfd that takes no seals", "huge pages", "a socket that lingers", "a file that never answers",
    ];

    /// <summary>Opens one.</summary>
    /// <returns>The descriptor, and what lets those go on that it keeps waiting; null if it keeps nobody.</returns>
    public static (int Descriptor, IDisposable? Hold) Open(int kind)
    {
        int* ends = stackalloc int[2];
        switch (kind)
        {
            case 0:
                _ = Sys.pipe2(ends, Sys.CloseOnExec);
                _ = Sys.close(ends[1]);
                return (ends[0], null);
            case 1: return (Sys.open(Run.Directory, Directory | Sys.CloseOnExec, 0), null);
            case 2: return (File($"/dev/shm/hostile-{Environment.ProcessId}"), null);
            case 3: return (File($"/tmp/hostile-{Environment.ProcessId}"), null);
            case 4: return (Sys.open("/dev/null", ReadWrite | Sys.CloseOnExec, 0), null);
            case 5: return (Sys.open("/dev/zero", ReadWrite | Sys.CloseOnExec, 0), null);
            case 6: return (Sys.open("/proc/self/mem", Sys.CloseOnExec, 0), null);
            case 7: return (Sys.eventfd(0, Sys.CloseOnExec), null);
            case 8: return (Sys.epoll_create1(Sys.CloseOnExec), null);
            case 9:
                _ = Sys.socketpair(Sys.Unix, Sys.SeqPacket, 0, ends);
                _ = Sys.close(ends[1]);
                return (ends[0], null);
            case 10:
                int memfd = Sys.memfd_create("typedshm:hostile", 1);
                _ = Sys.ftruncate(memfd, Sys.PageSize);
                _ = Sys.fallocate(memfd, 0, 0, Sys.PageSize);
                return (memfd, null);
            case 11 when RawRegion.MakeHuge() is >= 0 and int huge: return (huge, null);
            case 11: goto case 10;
            case 13 when Mute is { } files:
                int mute = files.OpenFile();
                return (mute, files.BeSilent());
            default:
                Lingering lingering = Lingering.Make();
                return (lingering.TakeSender(), lingering);
        }
    }

    private static int File(string path)
    {
        int file = Sys.open(path, Create | ReadWrite | Sys.CloseOnExec, 0x180);
        _ = Sys.ftruncate(file, Sys.PageSize);
        System.IO.File.Delete(path);
        return file;
    }
}
