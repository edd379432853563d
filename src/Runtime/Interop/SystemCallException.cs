using System.Runtime.InteropServices;

namespace TypedShm;

/// <summary>A system call failed. The message names the call, the error and, where there is one, the remedy.</summary>
public sealed class SystemCallException : SharedMemoryException
{
    private SystemCallException(string call, int errno, string message)
        : base(message)
    {
        Call = call;
        Errno = errno;
    }

    /// <summary>The system call, as in section 2 of the manual: <c>memfd_create</c>, <c>mmap</c>, …</summary>
    public string Call { get; }

    /// <summary>The error number that the kernel returned, see <c>errno(3)</c>.</summary>
    public int Errno { get; }

    /// <summary>Makes the exception for the call that has just failed on this thread.</summary>
    internal static SystemCallException FromLastError(string call, string purpose) =>
        Create(call, Marshal.GetLastPInvokeError(), purpose);

    internal static SystemCallException Create(string call, int errno, string purpose)
    {
        string advice = Advice(call, errno);
        string error = Marshal.GetPInvokeErrorMessage(errno);
        return new SystemCallException(
            call, errno, $"{call} failed while {purpose}: {error} (errno {errno}).{(advice.Length > 0 ? " " + advice : "")}");
    }

    private static string Advice(string call, int errno) => (call, errno) switch
    {
        (_, Interop.Errno.EMFILE) =>
            $"This process has used up its file descriptors ({Interop.Native.DescriptorUse()}): raise the limit (ulimit -n, "
            + "LimitNOFILE of systemd), or dispose what is no longer needed. A connection costs one, and up to nine while it is made.",
        (_, Interop.Errno.ENFILE) => "The whole machine has used up its file descriptors: raise fs.file-max.",
        ("fallocate" or "memfd_create" or "ftruncate", Interop.Errno.ENOSPC or Interop.Errno.ENOMEM) =>
            "There is not enough memory for the region: make it smaller, or raise the memory limit of the container.",
        ("mmap", Interop.Errno.ENOMEM) => "The process has no room for the mapping: check ulimit -v, vm.max_map_count and the number "
            + "of regions that were never disposed.",
        ("mlock", _) => $"RLIMIT_MEMLOCK is {Interop.Native.LockedMemoryLimit()}: raise it (ulimit -l, LimitMEMLOCK of systemd), or do "
            + "without Memory.Lock.",
        ("mbind", Interop.Errno.EINVAL) =>
            "The machine has no such node, or it has no memory: /sys/devices/system/node/has_memory says which have. Set "
            + "Memory.NumaNode to one of them.",
        ("mbind", Interop.Errno.ENOSYS or Interop.Errno.EPERM) =>
            "The kernel has no NUMA, or a seccomp filter forbids mbind (Docker's does, unless the container has CAP_SYS_NICE): do without "
            + "Memory.NumaNode.",
        ("pthread_create", _) => "The process has no memory, no thread or no file descriptor left "
            + $"({Interop.Native.DescriptorUse()} descriptors are in use): raise its limits (ulimit -u, ulimit -n, pids.max).",
        ("memfd_create", Interop.Errno.ENOSYS) =>
            "The kernel or a seccomp filter does not offer memfd_create; Linux 5.5 or newer is needed.",
        ("memfd_create", Interop.Errno.EPERM or Interop.Errno.EACCES) =>
            "A seccomp filter or vm.memfd_noexec forbids it: allow memfd_create for this process.",
        (_, Interop.Errno.EACCES or Interop.Errno.EPERM) =>
            "The user of this process may not do that: check the owner and the mode of what is named above.",
        _ => "",
    };
}
