using System.Runtime.InteropServices;

namespace TypedShm.TestKit;

/// <summary>
/// A file system whose files never answer while it is silent: <c>fstat</c>, a load from a mapping and even <c>close</c> of one wait until
/// it speaks again, or its process has ended. It speaks FUSE by raw system calls, and is mounted nowhere: nothing of it is left when
/// its descriptors are closed, however its process ends. Only root can have one.
/// </summary>
public sealed unsafe class MuteFileSystem : IDisposable
{
    // A process that is killed closes its descriptors in order. That of the device has to go before those of files: its close ends what
    // waits for an answer, and a close of a file waits for one.
    private const int LeastOfFile = 500;

    private const ulong Root = 1;
    private const ulong File = 2;
    private const int HeaderLength = 16;
    private const int IOError = 5;

    private readonly Lock _gate = new();
    private readonly List<(ulong Unique, Request Request)> _unanswered = [];
    private readonly int _device;
    private readonly int _mount;
    private readonly Thread _thread;
    private bool _isSilent;
    private volatile bool _isOver;

    private MuteFileSystem(int device, int mount)
    {
        _device = device;
        _mount = mount;
        _thread = new Thread(Serve) { IsBackground = true, Name = "mute files" };
        _thread.Start();
    }

    private enum Request
    {
        LookUp = 1,
        Forget = 2,
        GetAttributes = 3,
        Open = 14,
        Release = 18,
        Flush = 25,
        Initialize = 26,
        Interrupt = 36,
        ForgetSeveral = 42,
    }

    /// <returns>Null, and the reason, where there can be none.</returns>
    public static MuteFileSystem? TryMount(out string whyNot)
    {
        const int ReadWrite = 2;
        const int NonBlocking = 0x800;
        whyNot = "";
        int device = SystemCalls.open("/dev/fuse", ReadWrite | NonBlocking | SystemCalls.CloseOnExec, 0);
        if (device < 0)
        {
            whyNot = $"/dev/fuse cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}";
            return null;
        }

        int mount = Mount(device);
        if (mount >= 0)
            return new MuteFileSystem(device, mount);
        whyNot = $"a file system of FUSE cannot be mounted: {Marshal.GetLastPInvokeErrorMessage()}";
        _ = SystemCalls.close(device);
        return null;
    }

    /// <summary>Opens a file of it, for reading and writing, while it speaks.</summary>
    /// <returns>The descriptor, which is the caller's. Its close waits, too, while the file system is silent.</returns>
    public int OpenFile()
    {
        const int ReadWrite = 2;
        const int DuplicateFrom = 1030; // F_DUPFD_CLOEXEC
        int file = SystemCalls.openat(_mount, "file", ReadWrite | SystemCalls.CloseOnExec, 0);
        if (file < 0)
            throw new IOException($"A file that never answers cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}.");
        int high = SystemCalls.fcntl(file, DuplicateFrom, LeastOfFile);
        _ = SystemCalls.close(file);
        return high >= 0 ? high : throw new IOException($"There is no descriptor from {LeastOfFile} on.");
    }

    /// <summary>Answers nothing any more, until the result is disposed; then everything.</summary>
    public IDisposable BeSilent()
    {
        lock (_gate)
            _isSilent = true;
        return new Silence(this);
    }

    /// <summary>Whether somebody waits for an answer.</summary>
    public bool IsWaitedFor
    {
        get
        {
            lock (_gate)
                return _unanswered.Count > 0;
        }
    }

    /// <summary>Ends it. No file of it is open any more, or its close fails.</summary>
    public void Dispose()
    {
        Speak();
        _isOver = true;
        _thread.Join();
        _ = SystemCalls.close(_device);
        _ = SystemCalls.close(_mount);
    }

    private static int Mount(int device)
    {
        const uint SetFlag = 0;
        const uint SetString = 1;
        const uint Create = 6;
        const uint CloseOnExec = 1;
        const uint NoSetUser = 2;
        const uint NoDevices = 4;
        int context = SystemCalls.fsopen("fuse", CloseOnExec);
        if (context < 0)
            return -1;

        // Everybody may come: whoever receives a file is of any user.
        bool isMade = SystemCalls.fsconfig(context, SetString, "fd", $"{device}", 0) == 0
            && SystemCalls.fsconfig(context, SetString, "rootmode", "40000", 0) == 0
            && SystemCalls.fsconfig(context, SetString, "user_id", "0", 0) == 0
            && SystemCalls.fsconfig(context, SetString, "group_id", "0", 0) == 0
            && SystemCalls.fsconfig(context, SetFlag, "allow_other", null, 0) == 0
            && SystemCalls.fsconfig(context, Create, null, null, 0) == 0;
        int mount = isMade ? SystemCalls.fsmount(context, CloseOnExec, NoSetUser | NoDevices) : -1;
        int error = SystemCalls.Errno;
        _ = SystemCalls.close(context);
        Marshal.SetLastPInvokeError(error);
        return mount;
    }

    private void Serve()
    {
        const short In = 1;
        const int Often = 100;
        byte* request = stackalloc byte[64 << 10];
        while (!_isOver)
        {
            SystemCalls.PollEntry entry = new() { Descriptor = _device, Events = In };
            if (SystemCalls.poll(&entry, 1, Often) <= 0 || SystemCalls.read(_device, request, 64 << 10) < 40)
                continue;
            Request what = (Request)(*(uint*)(request + 4));
            ulong unique = *(ulong*)(request + 8);
            ulong node = *(ulong*)(request + 16);
            Take(what, unique, node);
        }
    }

    private void Take(Request what, ulong unique, ulong node)
    {
        switch (what)
        {
            case Request.Forget or Request.ForgetSeveral or Request.Interrupt:
                return;
            case Request.Initialize:
                Reply(unique, 0, Numbers(7 | (31L << 32), 0, 12 | (12 << 16) | (4096L << 32), 1, 0, 0, 0, 0));
                return;
            case Request.LookUp:
                // Forgotten at once, name and attributes: each look comes here.
                Reply(unique, 0, [.. Numbers((long)File, 1, 0, 0, 0), .. Attributes(File)]);
                return;
            case Request.GetAttributes when node == Root:
                Reply(unique, 0, [.. Numbers(0, 0), .. Attributes(Root)]);
                return;
            case Request.Open:
                Reply(unique, 0, Numbers(0, 0));
                return;
            case Request.Release:
                Reply(unique, 0, []);
                return;
        }

        lock (_gate)
        {
            if (_isSilent)
                _unanswered.Add((unique, what));
            else
                Refuse(unique, what);
        }
    }

    private void Speak()
    {
        lock (_gate)
        {
            _isSilent = false;
            _unanswered.ForEach(request => Refuse(request.Unique, request.Request));
            _unanswered.Clear();
        }
    }

    private void Refuse(ulong unique, Request what) => Reply(unique, what == Request.Flush ? 0 : -IOError, []);

    // Whoever has asked may be gone by now, which is no error.
    private void Reply(ulong unique, int error, byte[] body)
    {
        byte[] header = [.. BitConverter.GetBytes(HeaderLength + body.Length), .. BitConverter.GetBytes(error), .. Numbers((long)unique)];
        byte[] reply = [.. header, .. body];
        fixed (byte* bytes = reply)
            _ = SystemCalls.write(_device, bytes, reply.Length);
    }

    // struct fuse_attr: a page long, and everybody may write it.
    private static byte[] Attributes(ulong node)
    {
        long mode = node == Root ? 0x41FF : 0x81B6;
        return Numbers((long)node, SystemCalls.PageSize, 8, 0, 0, 0, 0, mode << 32, 1, 0, SystemCalls.PageSize);
    }

    private static byte[] Numbers(params ReadOnlySpan<long> numbers) => MemoryMarshal.AsBytes(numbers).ToArray();

    private sealed class Silence(MuteFileSystem files) : IDisposable
    {
        public void Dispose() => files.Speak();
    }
}
