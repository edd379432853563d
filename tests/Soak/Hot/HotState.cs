using System.Globalization;
using System.Runtime.CompilerServices;

namespace TypedShm.Soak.Hot;

/// <summary>
/// A state whose writer never rests, read by threads that never rest: no read fails, and none is torn, whatever the size of the value.
/// </summary>
internal sealed class HotState(int runs, TimeSpan time, TextWriter output)
{
    public static readonly int[] Sizes = [8, 64, 256, 1024, 4096, 16384];

    private const int Burst = 1000;

    public bool Failed { get; private set; }

    public void Run(int size, int readers)
    {
        Action<int> run = size switch
        {
            8 => Run<Bytes8>,
            64 => Run<Bytes64>,
            256 => Run<Bytes256>,
            1024 => Run<Bytes1024>,
            4096 => Run<Bytes4096>,
            16384 => Run<Bytes16384>,
            _ => throw new ArgumentOutOfRangeException(nameof(size), size, $"It is one of {string.Join(", ", Sizes)}."),
        };
        run(readers);
    }

    private void Run<T>(int readers)
        where T : unmanaged, ISharedLayout<T>, ISized<T>
    {
        Counts sum = new();
        int contendedRuns = 0;
        for (int i = 0; i < runs; i++)
        {
            Counts counts = RunOnce<T>(readers);
            sum.Add(counts);
            contendedRuns += counts.Contended > 0 ? 1 : 0;
        }

        Failed |= sum.Contended > 0 || sum.Torn > 0 || sum.Reads == 0;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Unsafe.SizeOf<T>(),5} B, {readers} readers: contended {sum.Contended} torn {sum.Torn} in {sum.Reads / 1e6:F1} M reads " +
            $"beside {sum.Writes / 1e6:F1} M writes; {contendedRuns} of {runs} runs contended"));
    }

    private Counts RunOnce<T>(int readers)
        where T : unmanaged, ISharedLayout<T>, ISized<T>
    {
        string name = $"@hot-{Environment.ProcessId}";
        Counts sum = new();
        using CancellationTokenSource over = new();
        using SharedStateWriter<T> writer = SharedState.Create<T>(name);
        List<Thread> threads = [new(() => Write(writer, sum, over.Token))];
        for (int i = 0; i < readers; i++)
        {
            SharedStateReader<T> reader = SharedState.Open<T>(name);
            threads.Add(new Thread(() =>
            {
                using (reader)
                    Read(reader, sum, over.Token);
            }));
        }

        threads.ForEach(thread => thread.Start());
        Thread.Sleep(time);
        over.Cancel();
        threads.ForEach(thread => thread.Join());
        return sum;
    }

    private static void Write<T>(SharedStateWriter<T> writer, Counts sum, CancellationToken over)
        where T : unmanaged, ISharedLayout<T>, ISized<T>
    {
        T value = default;
        long number = 0;
        while (!over.IsCancellationRequested)
        {
            for (int i = 0; i < Burst; i++)
            {
                T.Set(ref value, ++number);
                writer.Write(in value);
            }
        }

        sum.Add(new Counts { Writes = number });
    }

    private static void Read<T>(SharedStateReader<T> reader, Counts sum, CancellationToken over)
        where T : unmanaged, ISharedLayout<T>, ISized<T>
    {
        Counts counts = new();
        while (!over.IsCancellationRequested)
        {
            for (int i = 0; i < Burst; i++)
            {
                if (!reader.TryRead(out T value, out _))
                    counts.Contended++;
                else if (!T.IsWhole(in value))
                    counts.Torn++;
                counts.Reads++;
            }
        }

        sum.Add(counts);
    }

    private sealed class Counts
    {
        public long Writes { get; set; }

        public long Reads { get; set; }

        /// <summary>Reads that gave up, where Read throws.</summary>
        public long Contended { get; set; }

        public long Torn { get; set; }

        public void Add(Counts other)
        {
            lock (this)
            {
                Writes += other.Writes;
                Reads += other.Reads;
                Contended += other.Contended;
                Torn += other.Torn;
            }
        }
    }
}
