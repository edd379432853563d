namespace TypedShm.Generator.Tests;

/// <summary>
/// Correct sources, small so that many states of them can be tried: one for every kind of declaration, and one for every kind of use.
/// </summary>
internal static class MutationSources
{
    public static readonly string[] All =
    [
        """
        using System.Numerics;
        using TypedShm;
        [SharedLayout]
        public partial struct Telemetry
        {
            public long Tick; public double Rpm; public Vector3 Position; [Atomic] public int Faults; public Text32 Unit;
        }
        """,
        """
        using System.Runtime.CompilerServices;
        using TypedShm;
        namespace Acme;
        [SharedLayout] public partial struct Item { [Atomic] public int Hits; public Text16 Name; }
        [InlineArray(4)] public struct Items { private Item _first; }
        [InlineArray(3)] public struct Samples { private double _first; }
        [SharedLayout] public partial struct Stock { public Items Items; public Samples Samples; public Item Best; }
        """,
        """
        using System.Runtime.InteropServices;
        using TypedShm;
        namespace Acme.Wire
        {
            [SharedLayout, StructLayout(LayoutKind.Explicit, Size = 64)]
            public partial struct Frame
            {
                [FieldOffset(0)] public ushort Kind; [FieldOffset(8)] public ulong Mask; [FieldOffset(32), Atomic] public long Turn;
            }
            [SharedLayout, StructLayout(LayoutKind.Sequential, Pack = 2)]
            public partial struct Packed { public byte Small; public int Large; }
        }
        """,
        """
        using TypedShm;
        public enum Phase : byte { Idle, Busy = 4, Done }
        public partial class Outer<T>;
        public static partial class Holder
        {
            [SharedLayout] internal unsafe partial struct Buffers
            {
                public fixed byte Raw[16]; [Text] public fixed byte Name[8]; private Phase _phase; public readonly Phase Last;
            }
        }
        """,
        """
        using System;
        using TypedShm;
        [SharedLayout(ValueMembers = false)]
        public partial record struct Reading(int Given)
        {
            public const int Limit = 3;
            public static int Count;
            [Obsolete("Use New.")] public int Old;
            public volatile int New;
            public int Sum => Old + New;
        }
        """,
        """
        using System;
        using TypedShm;
        [SharedLayout]
        public partial struct Quote : IEquatable<Quote>
        {
            public decimal Price; public DateTimeOffset At; public Guid Id; public TimeSpan Age; public Int128 Wide; public Half Little;
            public readonly bool Equals(Quote other) => Id == other.Id;
            public override readonly bool Equals(object? other) => other is Quote quote && Equals(quote);
            public override readonly int GetHashCode() => Id.GetHashCode();
        }
        """,
        """
        using System;
        using TypedShm;
        [SharedLayout] public partial struct Gate { public int Ready; [Atomic] public int Turn; public Text16 Name; }
        static class Use
        {
            static void Claims(SharedQueueWriter<Gate> writer)
            {
                using (var claim = writer.Claim()) { claim.View.Ready = 1; claim.View.Turn.Increment(); claim.Commit(); }
                if (writer.TryClaim(out var other)) { other.Value.Ready++; other.Dispose(); }
            }
            static int Waits(SharedStructReader<Gate> reader, bool stop)
            {
                while (reader.View.Turn.Read() == 0 && !stop) { }
                for (int i = 0; i < 3; i++) Console.WriteLine($"{reader.View}");
                return reader.View.Ready;
            }
        }
        """,
        """
        using System;
        using TypedShm;
        [SharedLayout] public partial struct Gate { public int Ready; [Atomic] public int Turn; }
        static class Use
        {
            static int Leases(SharedBroadcastReader<Gate> feed)
            {
                int sum = 0;
                while (feed.TryLease(out var lease))
                {
                    using (lease) { int seen = lease.View.Ready; if (lease.IsIntact) sum += seen; }
                }
                try { return Local(2); } finally { feed.Dispose(); }
                int Local(int more) => more > 0 ? sum + more : sum;
            }
            static void Views(SharedStructWriter<Gate> gate, ref Gate copy)
            {
                var view = gate.View; copy = view.Read(); copy.Ready = 5; view.Write(copy);
                Func<int> later = () => 3; gate.Value.Ready += later();
                foreach (int n in new[] { 1, 2 }) view.Turn.Add(n);
            }
        }
        """,
    ];
}
