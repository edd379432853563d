using System.Runtime.CompilerServices;

namespace TypedShm.TestPeer;

/// <summary>
/// Methods in pairs, through a view and through a pointer, for the JIT to compile; a test reads what it makes of
/// them. The one with a check is the negative control: it does something else.
/// </summary>
internal static unsafe class Codegen
{
    public static void Run()
    {
        Telemetry value = Telemetry.Of(5);
        Telemetry* pointer = &value;
        WriteThroughView(new Telemetry.SharedView(ref value), 3);
        WriteThroughPointer(pointer, 3);
        WriteThroughPointerWithCheck(pointer, 3);
        double sum = ReadThroughView(new Telemetry.ReadOnlySharedView(in value)) + ReadThroughPointer(pointer);
        long last = LoopThroughView(new Telemetry.SharedView(ref value), 10) + LoopThroughPointer(pointer, 10);
        float level = NestedThroughView(new Telemetry.SharedView(ref value), 3) + NestedThroughPointer(pointer, 3);
        Stock stock = default;
        IncrementThroughView(new Stock.SharedView(ref stock));
        Console.WriteLine($"{sum} {last} {level} {stock.Items[3].Hits}");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void IncrementThroughView(Stock.SharedView view) => view.Items[3].Hits.Increment();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WriteThroughView(Telemetry.SharedView view, long number)
    {
        view.Tick = number;
        view.Rpm = number * 0.5;
        view.Position.Y = 2;
        view.Samples[3] = number;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WriteThroughPointer(Telemetry* pointer, long number)
    {
        pointer->Tick = number;
        pointer->Rpm = number * 0.5;
        pointer->Position.Y = 2;
        pointer->Samples[3] = number;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WriteThroughPointerWithCheck(Telemetry* pointer, long number)
    {
        if (pointer == null)
            return;
        pointer->Tick = number;
        pointer->Rpm = number * 0.5;
        pointer->Position.Y = 2;
        pointer->Samples[3] = number;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double ReadThroughView(Telemetry.ReadOnlySharedView view) =>
        view.Tick + view.Rpm + view.Position.Z + view.Samples[7];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double ReadThroughPointer(Telemetry* pointer) =>
        pointer->Tick + pointer->Rpm + pointer->Position.Z + pointer->Samples[7];

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long LoopThroughView(Telemetry.SharedView view, int rounds)
    {
        for (int i = 0; i < rounds; i++)
            view.Tick += i;
        return view.Tick;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long LoopThroughPointer(Telemetry* pointer, int rounds)
    {
        for (int i = 0; i < rounds; i++)
            pointer->Tick += i;
        return pointer->Tick;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float NestedThroughView(Telemetry.SharedView view, float level)
    {
        view.Sensor.Gear = Gear.Forward;
        view.Sensor.Level += level;
        return view.Sensor.Level + view.Sensor.Id;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float NestedThroughPointer(Telemetry* pointer, float level)
    {
        pointer->Sensor.Gear = Gear.Forward;
        pointer->Sensor.Level += level;
        return pointer->Sensor.Level + pointer->Sensor.Id;
    }
}

/// <summary>A struct with an array of structs that have an atomic field.</summary>
[SharedLayout]
internal partial struct Stock
{
    public Items Items;

    /// <summary>An element.</summary>
    [SharedLayout]
    internal partial struct Item
    {
        public long Count;
        [Atomic] public int Hits;
    }
}

/// <summary>Four elements.</summary>
[InlineArray(4)]
internal struct Items
{
    private Stock.Item _first;
}
