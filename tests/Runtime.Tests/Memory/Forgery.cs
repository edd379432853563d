using System.Runtime.InteropServices;
using Tmds.Linux;

namespace TypedShm.Tests.Memory;

/// <summary>Regions as a hostile peer makes them: each right in everything but one thing.</summary>
internal static unsafe class Forgery
{
    public const int AllSeals = Native.SealSeal | Native.SealShrink | Native.SealGrow | Native.SealFutureWrite;

    /// <summary>A control region that keeps every rule, unless it is told not to.</summary>
    public static SafeDescriptor Control(int seals = AllSeals, Action<nint>? lie = null)
    {
        using ControlWords genuine = ControlWords.Create("forgery");
        return Copy(genuine.Region, seals, lie);
    }

    /// <summary>A region that holds a <see cref="Telemetry"/> and keeps every rule, unless it is told not to.</summary>
    public static SafeDescriptor Struct(int seals = AllSeals, Action<nint>? lie = null)
    {
        (SharedStructWriter<Telemetry> owner, SharedStructReader<Telemetry> reader) = SharedStruct.CreatePair<Telemetry>();
        using (owner)
        using (reader)
            return Copy(owner.Region, seals, lie);
    }

    /// <summary>A region of the size that the genuine ones have.</summary>
    public static long SizeOf(SafeDescriptor file) => Native.FileStatus(file).Size;

    public static SafeDescriptor Open(string path)
    {
        fixed (byte* text = System.Text.Encoding.UTF8.GetBytes(path + '\0'))
        {
            int descriptor = LibC.open(text, LibC.O_RDWR | LibC.O_CLOEXEC);
            Assert.True(descriptor >= 0, $"{path}: errno {Marshal.GetLastPInvokeError()}");
            return new SafeDescriptor(descriptor);
        }
    }

    public static SafeDescriptor Pipe()
    {
        (SafeDescriptor reading, SafeDescriptor writing) = PipeEnds();
        writing.Dispose();
        return reading;
    }

    public static (SafeDescriptor Reading, SafeDescriptor Writing) PipeEnds()
    {
        int* ends = stackalloc int[2];
        Assert.Equal(0, LibC.pipe2(ends, LibC.O_CLOEXEC));
        return (new SafeDescriptor(ends[0]), new SafeDescriptor(ends[1]));
    }

    /// <summary>Writes a little-endian number of a few bytes.</summary>
    public static void Write(nint address, int size, ulong value) =>
        new ReadOnlySpan<byte>(&value, size).CopyTo(new Span<byte>((void*)address, size));

    public static SafeDescriptor Socket()
    {
        int socket = LibC.socket(LibC.AF_UNIX, LibC.SOCK_SEQPACKET | LibC.SOCK_CLOEXEC, 0);
        Assert.True(socket >= 0);
        return new SafeDescriptor(socket);
    }

    private static SafeDescriptor Copy(SharedRegion genuine, int seals, Action<nint>? lie)
    {
        SafeDescriptor file = Native.CreateMemfd("forgery");
        Native.Allocate(file, genuine.Size);
        using Mapping mapping = new(file, genuine.Size, writable: true);
        genuine.Bytes.CopyTo(new Span<byte>(mapping.Address, (int)genuine.Size));
        lie?.Invoke((nint)mapping.Address);
        if (seals != 0)
            Native.AddSeals(file, seals);
        return file;
    }
}
