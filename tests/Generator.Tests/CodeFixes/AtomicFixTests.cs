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
}
