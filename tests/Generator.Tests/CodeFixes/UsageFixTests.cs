using TypedShm.CodeFixes;

namespace TypedShm.Generator.Tests;

public sealed class UsageFixTests
{
    private const string Start = """
        using System.Runtime.CompilerServices;
        using TypedShm;

        public enum Phase { Idle, Busy }

        [InlineArray(64)]
        public struct Samples
        {
            private long _first;
        }

        [SharedLayout]
        public partial struct Gate
        {
            public int Ready;
            public Phase Phase;
        }

        [SharedLayout]
        public partial struct Big
        {
            public long Tick;
            public Samples Samples;
        }


        """;

    [Fact]
    public Task A_loop_reads_the_field_afresh() => FixTest.Check<VolatileReadFix>(Start + """
        public static class Program
        {
            public static void Run(SharedStructWriter<Gate> gate, SharedStructReader<Gate> reader)
            {
                while ({|TSHM0106:gate.View.Ready|} == 0) // until it is open
                {
                }

                for (; {|TSHM0106:reader.View.Ready|} < 5;)
                {
                }

                ref readonly int ready = ref reader.Value.Ready;
                do
                {
                }
                while ({|TSHM0106:ready|} == 0);
                while ({|TSHM0106:reader.Value.Ready|} == 0) { }
            }
        }
        """, Start + """
        public static class Program
        {
            public static void Run(SharedStructWriter<Gate> gate, SharedStructReader<Gate> reader)
            {
                while (System.Threading.Volatile.Read(ref gate.View.Ready) == 0) // until it is open
                {
                }

                for (; System.Threading.Volatile.Read(in reader.View.Ready) < 5;)
                {
                }

                ref readonly int ready = ref reader.Value.Ready;
                do
                {
                }
                while (System.Threading.Volatile.Read(in ready) == 0);
                while (System.Threading.Volatile.Read(in reader.Value.Ready) == 0) { }
            }
        }
        """);

    [Fact]
    public Task The_name_is_short_where_the_namespace_is_imported() => FixTest.Check<VolatileReadFix>(
        "using System.Threading;\n" + Start + """
        public static class Program
        {
            public static void Run(SharedStructWriter<Gate> gate)
            {
                while ({|TSHM0106:gate.View.Ready|} == 0) { }
            }
        }
        """, "using System.Threading;\n" + Start + """
        public static class Program
        {
            public static void Run(SharedStructWriter<Gate> gate)
            {
                while (Volatile.Read(ref gate.View.Ready) == 0) { }
            }
        }
        """);

    [Fact]
    public Task An_enum_has_no_such_fix()
    {
        string loop = Start + """
            public static class Program
            {
                public static void Run(SharedStructWriter<Gate> gate)
                {
                    while ({|TSHM0106:gate.View.Phase|} == Phase.Idle) { }
                }
            }
            """;
        return FixTest.Check<VolatileReadFix>(loop, loop);
    }

    [Fact]
    public Task A_copy_that_is_only_read_becomes_a_reference() => FixTest.Check<ReferenceFix>(Start + """
        public static class Program
        {
            public static long Run(SharedStructWriter<Big> shared, SharedStructReader<Big> reader)
            {
                // The newest.
                var big = {|TSHM0109:shared.Value|};
                Big other = {|TSHM0109:reader.Value|};
                return big.Tick + Look(in big) + Look(other);
            }

            private static long Look(in Big big) => big.Tick;
        }
        """, Start + """
        public static class Program
        {
            public static long Run(SharedStructWriter<Big> shared, SharedStructReader<Big> reader)
            {
                // The newest.
                ref readonly var big = ref shared.Value;
                ref readonly Big other = ref reader.Value;
                return big.Tick + Look(in big) + Look(other);
            }

            private static long Look(in Big big) => big.Tick;
        }
        """, action: "reference");

    [Fact]
    public Task A_copy_that_is_changed_or_captured_stays_one()
    {
        string copies(string value) => Start + $$"""
            public static class Program
            {
                public static long Run(SharedStructWriter<Big> shared)
                {
                    Big changed = {{value}};
                    changed.Tick++;
                    Big captured = {{value}};
                    System.Func<long> read = () => captured.Tick;
                    Big passed = {{value}};
                    Change(ref passed);
                    return changed.Tick + read();
                }

                private static void Change(ref Big big) => big.Tick = 1;
            }
            """;
        return FixTest.Check<ReferenceFix>(copies("{|TSHM0109:shared.Value|}"), copies("shared.Read()"), action: "read");
    }

    [Fact]
    public Task A_copy_that_lives_across_a_yield_or_an_await_stays_one_too()
    {
        string copies(string value) => Start + $$"""
            public static class Program
            {
                public static System.Collections.Generic.IEnumerable<long> Run(SharedStructWriter<Big> shared)
                {
                    var big = {{value}};
                    yield return big.Tick;
                    yield return big.Tick;
                }

                public static async System.Threading.Tasks.Task<long> Wait(SharedStructWriter<Big> shared)
                {
                    var big = {{value}};
                    await System.Threading.Tasks.Task.Yield();
                    return big.Tick;
                }
            }
            """;
        return FixTest.Check<ReferenceFix>(copies("{|TSHM0109:shared.Value|}"), copies("shared.Read()"));
    }
}
