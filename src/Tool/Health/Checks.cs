using System.Globalization;
using System.Runtime.InteropServices;
using TypedShm.Tool.Output;

namespace TypedShm.Tool.Health;

/// <summary>A value of the checks: small, and without padding.</summary>
[SharedLayout]
internal partial struct Probe
{
    public long Number;
}

/// <summary>The checks of <c>doctor</c>.</summary>
internal static class Checks
{
    private static readonly Version s_oldest = new(5, 5);

    public static IEnumerable<Finding> All() =>
        [Kernel(), Architecture(), Channel(), Memfd(), FutexWaitv(), Membarrier(), Names(), Descriptors(), Memory(), LockedMemory(),
            HugePages(), PidNamespace(), Ptrace()];

    private static Finding Kernel()
    {
        Version version = Environment.OSVersion.Version;
        return version >= s_oldest
            ? new("kernel", Result.Ok, $"Linux {version.ToString(2)}")
            : new("kernel", Result.Fail, $"Linux {version.ToString(2)}", $"Linux {s_oldest} or newer is needed.");
    }

    private static Finding Architecture() => RuntimeInformation.ProcessArchitecture
        is System.Runtime.InteropServices.Architecture.X64 or System.Runtime.InteropServices.Architecture.Arm64
        ? new("processor", Result.Ok, $"{RuntimeInformation.ProcessArchitecture}, {Environment.ProcessorCount} "
            + $"{(Environment.ProcessorCount == 1 ? "core" : "cores")}")
        : new("processor", Result.Fail, $"{RuntimeInformation.ProcessArchitecture}", "x64 and arm64 are supported.");

    // All of it at once: memory, seals, socket, descriptors that travel, both ends of this process.
    private static Finding Channel()
    {
        string name = $"doctor-{Environment.ProcessId}";
        try
        {
            using SharedStateWriter<Probe> writer = SharedState.Create<Probe>(name);
            writer.Write(new Probe { Number = 42 });
            using SharedStateReader<Probe> reader = SharedState.Open<Probe>(name);
            return reader.Read().Number == 42
                ? new("a channel", Result.Ok, "created, opened, and read")
                : new("a channel", Result.Fail, "opened, but it holds another value than was written", "Please report this.");
        }
        catch (Exception error) when (error is SharedMemoryException or TimeoutException or IOException or UnauthorizedAccessException)
        {
            return new("a channel", Result.Fail, error.GetType().Name, error.Message);
        }
    }

    private static Finding Memfd() => SystemCalls.TryMemfd(SystemCalls.NoExecSeal, out int error)
        ? new("memfd", Result.Ok, "sealed, never executable")
        : SystemCalls.TryMemfd(0, out error)
            ? new("memfd", Result.Note, "sealed; the kernel cannot forbid to execute it", "Linux 6.3 can; nothing depends on it.")
            : new("memfd", Result.Fail, $"memfd_create fails with errno {error}",
                "Allow memfd_create and fcntl(F_ADD_SEALS) in the seccomp profile.");

    private static Finding FutexWaitv() => SystemCalls.HasFutexWaitv()
        ? new("futex_waitv", Result.Ok, "a reader of many writers sleeps on all of them")
        : new("futex_waitv", Result.Note, "not there", "Linux 5.16 has it, where the seccomp profile allows it; sockets take its place.");

    private static Finding Membarrier() => SystemCalls.HasMembarrier()
        ? new("membarrier", Result.Ok, "publishing needs no fence")
        : new("membarrier", Result.Note, "not there", "Allow membarrier in the seccomp profile, or accept a fence of some ns a message.");

    private static Finding Names()
    {
        string? chosen = Environment.GetEnvironmentVariable("TYPEDSHM_DIR");
        if (!string.IsNullOrEmpty(chosen))
        {
            return Directory.Exists(chosen)
                ? new("names", Result.Ok, $"{Path.GetFullPath(chosen)} (TYPEDSHM_DIR)")
                : new("names", Result.Fail, $"TYPEDSHM_DIR names '{chosen}', which is not there", $"mkdir -m 700 '{chosen}'");
        }

        string runtime = $"/run/user/{SystemCalls.UserId}";
        return Directory.Exists(runtime)
            ? new("names", Result.Ok, $"{runtime}/typedshm")
            : new("names", Result.Note, $"{Path.Combine(Path.GetTempPath(), $"typedshm-{SystemCalls.UserId}")}; there is no {runtime}",
                "Other containers do not see it: share a directory and set TYPEDSHM_DIR to it.");
    }

    private static Finding Descriptors()
    {
        const int Few = 1024;
        string limit = Limit("Max open files");
        return long.TryParse(limit, CultureInfo.InvariantCulture, out long number) && number < Few
            ? new("descriptors", Result.Note, limit,
                "A connection takes one, and some more while it is made: raise ulimit -n for many peers.")
            : new("descriptors", Result.Ok, limit);
    }

    private static Finding Memory()
    {
        long limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return new("memory", Result.Ok, $"{Format.Bytes(limit)} for this container; regions count for who creates them");
    }

    private static Finding LockedMemory()
    {
        // What Linux and systemd give everyone: 8 MiB.
        const long Usual = 8 << 20;
        string limit = Limit("Max locked memory");
        return !long.TryParse(limit, CultureInfo.InvariantCulture, out long bytes)
            ? new("locked memory", Result.Ok, limit)
            : bytes <= Usual
                ? new("locked memory", Result.Note, Format.Bytes(bytes),
                    "For Memory.Lock of more than that: ulimit -l, LimitMEMLOCK= of systemd, or CAP_IPC_LOCK.")
                : new("locked memory", Result.Ok, Format.Bytes(bytes));
    }

    private static Finding HugePages()
    {
        const string Path = "/sys/kernel/mm/transparent_hugepage/shmem_enabled";

        // All that can be chosen, the choice in brackets.
        string? chosen = File.Exists(Path) && File.ReadAllText(Path).Split('[', ']') is [_, var between, _] ? between : null;
        return chosen is "always" or "within_size" or "advise" or "force"
            ? new("huge pages", Result.Ok, chosen)
            : new("huge pages", Result.Note, chosen ?? "not there",
                $"For Memory.HugePages: {(chosen is null ? "a kernel that has them" : $"echo advise > {Path}")}.");
    }

    private static Finding PidNamespace() =>
        Line("/proc/self/status", "NSpid:")?.Split('\t', StringSplitOptions.RemoveEmptyEntries) is { Length: > 2 }
        ? new("PID namespace", Result.Note, "one of a container",
            "Peers of other containers have no process id here; users and groups decide.")
        : new("PID namespace", Result.Ok, "that of the machine, or of one container");

    private static Finding Ptrace()
    {
        const string Path = "/proc/sys/kernel/yama/ptrace_scope";
        string scope = File.Exists(Path) ? File.ReadAllText(Path).Trim() : "0";
        return scope == "0"
            ? new("ptrace", Result.Note, "processes of one user may debug each other",
                "Whoever may debug a writer can write for it: sysctl kernel.yama.ptrace_scope=1, or another user.")
            : new("ptrace", Result.Ok, $"ptrace_scope {scope}");
    }

    // The soft limit.
    private static string Limit(string name) =>
        Line("/proc/self/limits", name)?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var soft, ..]
            ? soft
            : "unknown";

    private static string? Line(string path, string begin) =>
        File.Exists(path) ? File.ReadLines(path).FirstOrDefault(line => line.StartsWith(begin, StringComparison.Ordinal)) : null;
}
