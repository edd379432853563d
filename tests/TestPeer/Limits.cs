using System.Globalization;
using System.Runtime.InteropServices;
using TypedShm.TestKit;

namespace TypedShm.TestPeer;

/// <summary>What this process does when the kernel grants it little. In a process of their own: a limit is for all of it.</summary>
internal static partial class Limits
{
    private const int Data = 2;
    private const int Core = 4;
    private const int AddressSpace = 9;
    private const int LockedMemory = 8;
    private const uint SomebodyElse = 12345;
    private const int Message = 4096;

    public static string Run(string what) => what switch
    {
        "data" => RetireWithoutData(),
        "addresses" => CreateWithFewAddresses(),
        "locked" => CreateLocked(),
        _ => throw new ArgumentException($"no such command: {what}"),
    };

    /// <summary>Makes a queue of about so many bytes and lets it go.</summary>
    public static string Queue(long bytes)
    {
        (SharedQueueWriter<Telemetry> writer, SharedQueueReader<Telemetry> reader) =
            SharedQueue.CreatePair<Telemetry>(new() { Capacity = 16, PayloadCapacity = (int)(bytes / 16) });
        writer.Dispose();
        reader.Dispose();
        return "ready";
    }

    /// <summary>Holds so much memory until this process ends.</summary>
    public static unsafe string UseMemory(long bytes)
    {
        NativeMemory.Fill(NativeMemory.Alloc((nuint)bytes), (nuint)bytes, 1);
        return "used";
    }

    /// <summary>Lets the kernel write this process's memory, of which at most so much, into a directory if it crashes.</summary>
    /// <returns>How much it may be.</returns>
    public static string MayDumpCore(ulong most, string directory)
    {
        Directory.SetCurrentDirectory(directory);
        ulong granted = Math.Min(most, Most(Core));
        Swap(Core, granted);
        return granted.ToString(CultureInfo.InvariantCulture);
    }

    public static string Abort()
    {
        Environment.FailFast("The test wants it.");
        return "";
    }

    /// <summary>Goes on as another user.</summary>
    public static string Become(uint user) => setuid(user) == 0 ? "ready" : throw new InvalidOperationException("setuid failed");

    // Zero pages that may be written count as private data.
    private static string RetireWithoutData()
    {
        Create();
        SharedQueueWriter<Telemetry> writer;
        SharedQueueReader<Telemetry> reader;
        (writer, reader) = SharedQueue.CreatePair<Telemetry>(new() { Capacity = Message, PayloadCapacity = 8192 });
        ReadOnlySpan<byte> kept = writer.Region.Bytes;

        ulong limit = Swap(Data, 1 << 20);
        writer.Dispose();
        reader.Dispose();
        Swap(Data, limit);
        bool refused = kept[0] != 0;

        Create();
        return $"refused: {refused}, then {CountRegions()} regions and {kept[0]}";
    }

    private static string CreateWithFewAddresses()
    {
        Create();
        string used = File.ReadAllText("/proc/self/statm");
        ulong pages = ulong.Parse(used.AsSpan(0, used.IndexOf(' ')), CultureInfo.InvariantCulture);
        ulong limit = Swap(AddressSpace, (pages * (ulong)Environment.SystemPageSize) + (512 << 20));
        int count = 0;
        while (count < 2000)
        {
            (SharedQueueWriter<Telemetry> writer, SharedQueueReader<Telemetry> reader) =
                SharedQueue.CreatePair<Telemetry>(new() { Capacity = Message });
            using (writer)
            using (reader)
            {
                writer.Write(Telemetry.Of(count));
                if (!reader.TryRead(out Telemetry value) || value.Tick != count)
                    break;
                count++;
            }
        }

        Swap(AddressSpace, limit);
        return count.ToString(CultureInfo.InvariantCulture);
    }

    private static string CreateLocked()
    {
        Create();
        Swap(LockedMemory, 64 << 10);
        if (Environment.UserName == "root")
            Become(SomebodyElse);
        int before = CountRegions();
        try
        {
            SharedQueue.CreatePair<Telemetry>(new() { Capacity = Message, Memory = new MemoryOptions { Lock = true } });
            return "it was granted";
        }
        catch (SystemCallException error)
        {
            return $"{CountRegions() - before} regions more: {error.Message}";
        }
    }

    // The code is there, and so is the memory that it needs.
    private static void Create()
    {
        (SharedQueueWriter<Telemetry> writer, SharedQueueReader<Telemetry> reader) =
            SharedQueue.CreatePair<Telemetry>(new() { Capacity = 16 });
        writer.Write(Telemetry.Of(1));
        _ = reader.TryRead(out _);
        writer.Dispose();
        reader.Dispose();
        GC.Collect();

        // The last to use a region gives it up, on whatever thread that is.
        Until.Holds(() => CountRegions() == 0, "no region is left").Wait();
    }

    private static int CountRegions() =>
        File.ReadLines("/proc/self/maps").Count(line => line.Contains("/memfd:typedshm", StringComparison.Ordinal));

    private static unsafe ulong Swap(int resource, ulong limit)
    {
        ResourceLimit before;
        if (getrlimit(resource, &before) != 0)
            throw new InvalidOperationException("getrlimit failed");
        ResourceLimit after = before with { Current = limit };
        return setrlimit(resource, &after) == 0 ? before.Current : throw new InvalidOperationException("setrlimit failed");
    }

    private static unsafe ulong Most(int resource)
    {
        ResourceLimit limit;
        return getrlimit(resource, &limit) == 0 ? limit.Most : throw new InvalidOperationException("getrlimit failed");
    }

    [LibraryImport("libc")]
    private static partial int setuid(uint user);

    [LibraryImport("libc")]
    private static unsafe partial int getrlimit(int resource, ResourceLimit* limit);

    [LibraryImport("libc")]
    private static unsafe partial int setrlimit(int resource, ResourceLimit* limit);

    private record struct ResourceLimit(ulong Current, ulong Most);
}
