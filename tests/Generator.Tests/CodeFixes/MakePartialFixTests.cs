using TypedShm.CodeFixes;

namespace TypedShm.Generator.Tests;

public sealed class MakePartialFixTests
{
    [Fact]
    public Task A_struct_becomes_partial() => FixTest.Check<MakePartialFix>("""
        using TypedShm;

        // What a market shows.
        [SharedLayout]
        public struct {|TSHM0001:Quote|}
        {
            public long Bid;
        }

        [SharedLayout]
        struct {|TSHM0001:Trade|}
        {
            public long Price;
        }
        """, """
        using TypedShm;

        // What a market shows.
        [SharedLayout]
        public partial struct Quote
        {
            public long Bid;
        }

        [SharedLayout]
        partial struct Trade
        {
            public long Price;
        }
        """);

    [Fact]
    public Task So_do_the_types_around_it_and_each_only_once() => FixTest.Check<MakePartialFix>("""
        using TypedShm;

        // The outermost.
        class Market
        {
            internal static class Feed
            {
                [SharedLayout]
                public partial struct {|TSHM0002:{|TSHM0002:Quote|}|}
                {
                    public long Bid;
                }

                [SharedLayout]
                public struct {|TSHM0001:{|TSHM0002:{|TSHM0002:Trade|}|}|}
                {
                    public long Price;
                }
            }
        }
        """, """
        using TypedShm;

        // The outermost.
        partial class Market
        {
            internal static partial class Feed
            {
                [SharedLayout]
                public partial struct Quote
                {
                    public long Bid;
                }

                [SharedLayout]
                public partial struct Trade
                {
                    public long Price;
                }
            }
        }
        """);
}
