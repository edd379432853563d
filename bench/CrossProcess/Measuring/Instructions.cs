using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using TypedShm.CrossProcess.Workloads;

namespace TypedShm.CrossProcess.Measuring;

/// <summary>
/// User-space instructions of a message, counted one by one with ptrace (<c>steps.c</c>): exact, and the same on any machine of
/// one instruction set. The other process is one that runs both ends of a queue after its code has been compiled.
/// </summary>
internal sealed partial class Instructions(bool ofReader) : Source
{
    private const int Few = 16;
    private const int Many = 144;
    private const int End = 255;

    // Where the counts are, see Trace.
    private const int WriteFew = 1;
    private const int WriteMany = 2;
    private const int ReadFew = 3;
    private const int ReadMany = 4;

    // Both figures come from one process.
    private static Dictionary<int, long>? s_counts;

    public override void Start(TimeSpan most)
    {
    }

    public override double Take()
    {
        Dictionary<int, long> counts = s_counts ??= Count();
        long difference = ofReader ? counts[ReadMany] - counts[ReadFew] : counts[WriteMany] - counts[WriteFew];
        return (double)difference / (Many - Few);
    }

    private static Dictionary<int, long> Count()
    {
        string file = Path.Combine(Scratch.Directory, "steps");
        File.WriteAllBytes(file, new byte[Environment.SystemPageSize]);
        ProcessStartInfo start = new(Environment.ProcessPath!, ["trace", file])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process traced = Process.Start(start)!;
        string thread = traced.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The process to be traced has ended.");
        try
        {
            return Yardsticks.Run("steps", "attach", thread, file)
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' '))
                .ToDictionary(
                    words => int.Parse(words[0], CultureInfo.InvariantCulture),
                    words => long.Parse(words[1], CultureInfo.InvariantCulture));
        }
        finally
        {
            traced.StandardInput.Close();
            traced.WaitForExit();
        }
    }

    public override void Dispose()
    {
    }

    /// <summary>The process that is traced.</summary>
    public static unsafe void Trace(string path)
    {
        (SharedQueueWriter<Message56> writer, SharedQueueReader<Message56> reader) =
            SharedQueue.CreatePair<Message56>(new SharedQueueOptions { Capacity = Options.Capacity, Wait = WaitMode.Spin });
        using (writer)
        using (reader)
        {
            for (int round = 0; round < 400; round++)
            {
                Write(writer, Many);
                Read(reader, Many);
                if (round % 50 == 49)
                    Thread.Sleep(120);
            }

            using MemoryMappedFile file = MemoryMappedFile.CreateFromFile(path);
            using MemoryMappedViewAccessor accessor = file.CreateViewAccessor();
            byte* bytes = null;
            accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref bytes);
            uint* words = (uint*)bytes;
            Steps(words, writer, reader);
            accessor.SafeMemoryMappedViewHandle.ReleasePointer();
            Console.In.ReadToEnd();
        }
    }

    private static unsafe void Steps(uint* words, SharedQueueWriter<Message56> writer, SharedQueueReader<Message56> reader)
    {
        AllowTracing();
        Console.WriteLine(gettid());
        while (Volatile.Read(ref words[1]) == 0)
        {
        }

        Volatile.Write(ref words[0], WriteFew);
        Write(writer, Few);
        Volatile.Write(ref words[0], ReadFew);
        Read(reader, Few);
        Volatile.Write(ref words[0], WriteMany);
        Write(writer, Many);
        Volatile.Write(ref words[0], ReadMany);
        Read(reader, Many);
        Volatile.Write(ref words[0], End);
    }

    private static void Write(SharedQueueWriter<Message56> writer, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Message56 message = default;
            message.Number = i;
            writer.Write(in message);
        }
    }

    private static void Read(SharedQueueReader<Message56> reader, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (reader.Read().Number != i)
                throw new InvalidOperationException("A message is not the one that was due.");
        }
    }

    // Any process of this user may trace this one, where the kernel's default is only a parent (yama).
    private static void AllowTracing()
    {
        const int PR_SET_PTRACER = 0x59616d61;
        _ = prctl(PR_SET_PTRACER, -1, 0, 0, 0);
    }

    [LibraryImport("libc")]
    private static partial int prctl(int option, nint argument, nint third, nint fourth, nint fifth);

    [LibraryImport("libc")]
    private static partial int gettid();
}
