using TypedShm.CodeFixes;

namespace TypedShm.Generator.Tests;

public sealed class AtomicFixTests
{
    [Fact]
    public Task Volatile_becomes_Atomic_and_its_uses_through_views_read_and_write() => FixTest.Check<AtomicFix>(
        ["""
        using TypedShm;

        [SharedLayout]
        public partial struct Gate
        {
            /// <summary>Not zero when it is open.</summary>
            public volatile int {|TSHM0104:Open|};
            [System.Obsolete] internal volatile int {|TSHM0104:Left|}, {|TSHM0104:Right|};
        }
        """, """
        public static class Guard
        {
            public static bool Pass(Gate.SharedView gate)
            {
                if (gate.Open == 0) // closed
                    return false;
                gate.Open = gate.Open - 1;
                return true;
            }

            public static int Look(in Gate gate) => gate.Open + new Gate.ReadOnlySharedView(in gate).Open;
        }
        """],
        ["""
        using TypedShm;

        [SharedLayout]
        public partial struct Gate
        {
            /// <summary>Not zero when it is open.</summary>
            [Atomic] public int Open;
            [System.Obsolete] [Atomic] internal int Left, Right;
        }
        """, """
        public static class Guard
        {
            public static bool Pass(Gate.SharedView gate)
            {
                if (gate.Open.Read() == 0) // closed
                    return false;
                gate.Open.Write(gate.Open.Read() - 1);
                return true;
            }

            public static int Look(in Gate gate) => gate.Open + new Gate.ReadOnlySharedView(in gate).Open.Read();
        }
        """]);

    [Fact]
    public Task Whatever_is_done_to_the_field_has_its_counterpart() => FixTest.Check<AtomicFix>(
        [Before, """
        using System.Threading;
        using TypedShm;

        public static class Program
        {
            public static int Run(Gate.SharedView gate, SharedStructWriter<Gate> shared)
            {
                gate.Open++;
                --gate.Open;
                int now = ++gate.Open + gate.Open--;
                gate.Open += 2;
                gate.Open -= 1 + now;
                gate.Open &= 7;
                gate.Open |= now;
                gate.Open *= 3;
                gate.Small += 1;
                gate.Small -= 1;
                gate.Small = gate.Small++;
                gate.Phase++;
                gate.Share /= 2;
                for (int i = 0; i < 3; i++, gate.Open++)
                    now += gate.Open;
                Interlocked.Increment(ref gate.Open);
                Interlocked.CompareExchange(ref gate.Open, now, gate.Open);
                Volatile.Write(ref gate.Open, Volatile.Read(ref gate.Open) + 1);
                ref int open = ref shared.View.Open;
                return Add(ref shared.View.Open) + open;
            }

            private static int Add(ref int number) => Interlocked.Increment(ref number);
        }
        """],
        [After, """
        using System.Threading;
        using TypedShm;

        public static class Program
        {
            public static int Run(Gate.SharedView gate, SharedStructWriter<Gate> shared)
            {
                gate.Open.Increment();
                gate.Open.Decrement();
                int now = gate.Open.Increment() + (gate.Open.Decrement() + 1);
                gate.Open.Add(2);
                gate.Open.Add(-(1 + now));
                gate.Open.And(7);
                gate.Open.Or(now);
                gate.Open.Write((int)(gate.Open.Read() * 3));
                gate.Small.Add((byte)1);
                gate.Small.Add(unchecked((byte)(0 - 1)));
                gate.Small.Write(unchecked((byte)(gate.Small.Increment() - 1)));
                gate.Phase.Write(gate.Phase.Read() + 1);
                gate.Share.Write((float)(gate.Share.Read() / 2));
                for (int i = 0; i < 3; i++, gate.Open.Increment())
                    now += gate.Open.Read();
                gate.Open.Increment();
                gate.Open.CompareExchange(now, gate.Open.Read());
                gate.Open.Write(gate.Open.Read() + 1);
                ref int open = ref shared.Value.Open;
                return Add(ref shared.Value.Open) + {|TSHM0118:open|};
            }

            private static int Add(ref int number) => Interlocked.Increment(ref number);
        }
        """]);

    private const string Before = """
        using TypedShm;

        public enum Phase { Idle, Busy }

        [SharedLayout]
        public partial struct Gate
        {
            public volatile int {|TSHM0104:Open|};
            public volatile float {|TSHM0104:Share|};
            public volatile Phase {|TSHM0104:Phase|};
            public volatile byte {|TSHM0104:Small|};
            private byte _padding1;
            private short _padding2;
        }
        """;

    private const string After = """
        using TypedShm;

        public enum Phase { Idle, Busy }

        [SharedLayout]
        public partial struct Gate
        {
            [Atomic] public int Open;
            [Atomic] public float Share;
            [Atomic] public Phase Phase;
            [Atomic] public byte Small;
            private byte _padding1;
            private short _padding2;
        }
        """;
}
