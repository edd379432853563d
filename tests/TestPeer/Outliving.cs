using System.Runtime.CompilerServices;
using Tmds.Linux;

namespace TypedShm.TestPeer;

/// <summary>References that outlive what they came from. In a process of their own: what goes wrong here ends the process.</summary>
internal static class Outliving
{
    private const int Regions = 100;

    public static string Run(string what) => what switch
    {
        "dispose" => KeptAcrossDispose(),
        "owner" => KeptWithoutOwner(),
        "unmapping" => KeptAcrossUnmapping(),
        _ => throw new ArgumentException($"no such command: {what}"),
    };

    private static string KeptAcrossDispose()
    {
        (SharedStructWriter<Telemetry> owner, SharedStructReader<Telemetry> reader) = SharedStruct.CreatePair<Telemetry>();
        owner.Value = Telemetry.Of(7);
        ref Telemetry written = ref owner.Value;
        ref readonly Telemetry read = ref reader.Value;
        reader.Dispose();
        owner.Dispose();
        Collect();
        OpenMany();

        string seen = $"{written.Tick} {read.Tick}";
        written = Telemetry.Of(8);
        return $"{seen} {written.Describe()} {read.Tick}";
    }

    private static string KeptWithoutOwner()
    {
        ref Telemetry written = ref Leak(out nint read);
        Collect();
        OpenMany();

        written = Telemetry.Of(9);
        return $"{written.Describe()} {Read(read)}";

        static unsafe string Read(nint address) => ((Telemetry*)address)->Describe();
    }

    // The negative control: without zero pages in its place, a mapping that is gone ends the process.
    private static unsafe string KeptAcrossUnmapping()
    {
        (SharedStructWriter<Telemetry> owner, _) = SharedStruct.CreatePair<Telemetry>();
        ref Telemetry written = ref owner.Value;
        int result = LibC.munmap((void*)owner.Region.Address, (size_t)(ulong)owner.Region.Size);
        return $"{result} {written.Tick}";
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe ref Telemetry Leak(out nint read)
    {
        (SharedStructWriter<Telemetry> owner, SharedStructReader<Telemetry> reader) = SharedStruct.CreatePair<Telemetry>();
        read = (nint)Unsafe.AsPointer(ref Unsafe.AsRef(in reader.Value));
        return ref owner.Value;
    }

    private static void Collect()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    // Each would take the address range of one that was given back.
    private static void OpenMany()
    {
        List<IDisposable> open = [];
        for (int i = 0; i < Regions; i++)
        {
            (SharedStructWriter<Telemetry> owner, SharedStructReader<Telemetry> reader) = SharedStruct.CreatePair<Telemetry>();
            owner.Value = Telemetry.Of(-1);
            open.Add(reader);
            open.Add(owner);
        }

        open.ForEach(end => end.Dispose());
    }
}
