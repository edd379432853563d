using System.Globalization;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TypedShm.CrossProcess.Workloads;

namespace TypedShm.CrossProcess.Measuring;

/// <summary>
/// User-space instructions of a message, counted one by one (<c>steps.c</c>): exact, and the same on any machine of one instruction set,
/// however busy. A process of its own runs both ends of a queue, and counts once their code has been compiled for good.
/// </summary>
internal sealed unsafe class Instructions(bool ofReader) : Source
{
    private const int Few = 16;
    private const int Many = 144;
    private const int RoundsOfWave = 50;
    private const int QuietWaves = 4;
    private const int EqualCounts = 2;

    private static readonly TimeSpan s_untilCompiled = TimeSpan.FromSeconds(60);

    private static Message56 s_message;

    // Both figures come from one process.
    private static (double Write, double Read)? s_counts;

    public override void Start(TimeSpan most)
    {
    }

    public override double Take()
    {
        (double write, double read) = s_counts ??= RunCounter();
        return ofReader ? read : write;
    }

    public override void Dispose()
    {
    }

    private static (double Write, double Read) RunCounter()
    {
        double[] counts = [.. Yardsticks.Run(Machine.Program, "count").Split(' ')
            .Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
        return (counts[0], counts[1]);
    }

    /// <summary>The process that counts: prints the instructions of a write and of a read.</summary>
    public static void Count()
    {
        nint library = NativeLibrary.Load(Path.Combine(Yardsticks.Directory, Yardsticks.StepsLibrary));
        Steps steps = new(NativeLibrary.GetExport(library, "steps_begin"), NativeLibrary.GetExport(library, "steps_end"));
        (SharedQueueWriter<Message56> writer, SharedQueueReader<Message56> reader) =
            SharedQueue.CreatePair<Message56>(new SharedQueueOptions { Capacity = Options.Capacity, Wait = WaitMode.Spin });
        using (writer)
        using (reader)
        {
            (double write, double read) = Settled(steps, writer, reader);
            Console.Write(string.Create(CultureInfo.InvariantCulture, $"{write} {read}"));
        }
    }

    // Code is compiled again while it is found to be hot, on a thread that may have to wait for a core. So nothing is counted before there
    // has been nothing to compile for a while, and a count is one once it has come several times.
    private static (double Write, double Read) Settled(
        Steps steps, SharedQueueWriter<Message56> writer, SharedQueueReader<Message56> reader)
    {
        long start = Environment.TickCount64;
        (double Write, double Read) last = default;
        int equal = 0;
        while (equal < EqualCounts)
        {
            long compiled = JitInfo.GetCompiledMethodCount();
            int waves = 0;
            for (; waves < QuietWaves && JitInfo.GetCompiledMethodCount() == compiled; waves++)
                Run(writer, reader);
            if (Environment.TickCount64 - start > s_untilCompiled.TotalMilliseconds)
                throw new InvalidOperationException($"The code was still being compiled after {s_untilCompiled.TotalSeconds} s.");
            if (waves < QuietWaves)
                continue;
            (ulong writeFew, ulong readFew) = Count(steps, writer, reader, Few);
            (ulong writeMany, ulong readMany) = Count(steps, writer, reader, Many);
            (double Write, double Read) now = ((double)(writeMany - writeFew) / (Many - Few), (double)(readMany - readFew) / (Many - Few));
            equal = now == last ? equal + 1 : 0;
            last = now;
        }

        return last;
    }

    private static void Run(SharedQueueWriter<Message56> writer, SharedQueueReader<Message56> reader)
    {
        for (int i = 0; i < RoundsOfWave; i++)
        {
            Write(writer, ref s_message, Many);
            s_message = Read(reader, Many);
        }

        // What was found to be hot is compiled once nothing new has been for 100 ms.
        Thread.Sleep(120);
    }

    // Optimized from the start: nothing is compiled between the marks.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (ulong Write, ulong Read) Count(
        Steps steps, SharedQueueWriter<Message56> writer, SharedQueueReader<Message56> reader, int messages)
    {
        steps.Begin();
        Write(writer, ref s_message, messages);
        ulong write = steps.End();
        steps.Begin();
        s_message = Read(reader, messages);
        return (write, steps.End());
    }

    // As the C program does it: the message stands in memory, all of it is copied, once, and its number is looked at. (Read, which returns
    // it, has the JIT copy it twice.)
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Write(SharedQueueWriter<Message56> writer, ref Message56 message, int count)
    {
        for (int i = 0; i < count; i++)
        {
            message.Number = i;
            writer.Write(in message);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Message56 Read(SharedQueueReader<Message56> reader, int count)
    {
        Message56 message = default;
        for (int i = 0; i < count; i++)
        {
            if (!reader.TryRead(out message) || message.Number != i)
                ThrowNotDue();
        }

        return message;
    }

    private static void ThrowNotDue() => throw new InvalidOperationException("A message is not the one that was due.");

    /// <summary>What counts the steps of the calling thread.</summary>
    private readonly struct Steps(nint begin, nint end)
    {
        public void Begin() => ((delegate* unmanaged<ulong>)begin)();

        public ulong End() => ((delegate* unmanaged<ulong>)end)();
    }
}
