using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;

namespace TypedShm.CrossProcess.Workloads;

/// <summary>Fields read and written in memory, by one thread: through a view, through a pointer, and through .NET's accessor.</summary>
internal sealed unsafe class Views : IDisposable
{
    private const int Count = 200_000;
    private const int AccessesPerRound = 6;

    private readonly SharedStructWriter<Message56> _writer;
    private readonly SharedStructReader<Message56> _reader;
    private readonly Holder _holder;
    private readonly MemoryMappedFile _file = MemoryMappedFile.CreateNew(null, Environment.SystemPageSize);
    private readonly MemoryMappedViewAccessor _accessor;

    public Views()
    {
        (_writer, _reader) = SharedStruct.CreatePair<Message56>();
        _holder = new Holder((Message56*)Unsafe.AsPointer(ref _writer.Value));
        _accessor = _file.CreateViewAccessor();
    }

    public double View() => Timed(() => ThroughView(_writer), Count * AccessesPerRound);

    public double Pointer() => Timed(() => ThroughPointer(_holder), Count * AccessesPerRound);

    public double Accessor() => Timed(() => ThroughAccessor(_accessor), Count * AccessesPerRound);

    /// <summary>The whole struct, read by value.</summary>
    public double ViewOfAll() => Timed(AllThroughView, Count);

    /// <inheritdoc cref="ViewOfAll"/>
    public double AccessorOfAll() => Timed(AllThroughAccessor, Count);

    public void Dispose()
    {
        _writer.Dispose();
        _reader.Dispose();
        _accessor.Dispose();
        _file.Dispose();
    }

    private static double Timed(Action action, int accesses)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / accesses;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThroughView(SharedStructWriter<Message56> writer)
    {
        Message56.SharedView view = writer.View;
        for (int i = 0; i < Count; i++)
        {
            view.Number = i;
            view.A += view.B;
            view.C = view.D;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThroughPointer(Holder holder)
    {
        for (int i = 0; i < Count; i++)
        {
            holder.Pointer->Number = i;
            holder.Pointer->A += holder.Pointer->B;
            holder.Pointer->C = holder.Pointer->D;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThroughAccessor(MemoryMappedViewAccessor accessor)
    {
        for (int i = 0; i < Count; i++)
        {
            accessor.Write(0, (long)i);
            accessor.Write(sizeof(long), accessor.ReadInt64(sizeof(long)) + accessor.ReadInt64(2 * sizeof(long)));
            accessor.Write(3 * sizeof(long), accessor.ReadInt64(4 * sizeof(long)));
        }
    }

    private void AllThroughView()
    {
        for (int i = 0; i < Count; i++)
        {
            Message56 value = _writer.Value;
            Keep(in value);
        }
    }

    private void AllThroughAccessor()
    {
        for (int i = 0; i < Count; i++)
        {
            _accessor.Read(0, out Message56 value);
            Keep(in value);
        }
    }

    // Not inlined, so that what is passed has to be there.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Keep(in Message56 value)
    {
    }

    private sealed class Holder(Message56* pointer)
    {
        public readonly Message56* Pointer = pointer;
    }
}
