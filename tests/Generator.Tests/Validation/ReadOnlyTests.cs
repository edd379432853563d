namespace TypedShm.Generator.Tests;

/// <summary>What a peer has opened cannot be written: the compiler says so, whatever the kind of field.</summary>
public class ReadOnlyTests
{
    private const string Struct = """
        using System;
        using System.Runtime.CompilerServices;
        using TypedShm;

        [SharedLayout] public partial struct Inner { public int X; }
        [InlineArray(4)] public struct Four { private int _first; }
        [InlineArray(4)] public struct Inners { private Inner _first; }
        [SharedLayout] public unsafe partial struct State
        {
            public int Number;
            public Guid Known;
            public DayOfWeek Enum;
            public Inner Inner;
            public Four Array;
            public Inners Inners;
            public fixed int Buffer[4];
            public Text16 Text;
            [Atomic] public int Atomic;
        }

        """;

    [Theory]
    [InlineData("{|CS8331:shared.View.Number|} = 1;")]
    [InlineData("{|CS8331:shared.View.Number|}++;")]
    [InlineData("ref int number = ref {|CS8329:shared.View.Number|};")]
    [InlineData("{|CS8331:shared.View.Known|} = default;")]
    [InlineData("{|CS8331:shared.View.Enum|} = DayOfWeek.Friday;")]
    [InlineData("{|CS0200:shared.View.Inner|} = default;")]
    [InlineData("{|CS8331:shared.View.Inner.X|} = 1;")]
    [InlineData("{|CS8331:shared.View.Array[0]|} = 1;")]
    [InlineData("{|CS8331:shared.View.Inners[0].X|} = 1;")]
    [InlineData("{|CS8331:shared.View.Buffer[0]|} = 1;")]
    [InlineData("shared.View.Text.{|CS1061:Set|}(\"x\");")]
    [InlineData("shared.View.Atomic.{|CS1061:Write|}(1);")]
    [InlineData("shared.View.Atomic.{|CS1061:Increment|}();")]
    [InlineData("{|CS8331:shared.Value|} = default;")]
    [InlineData("{|CS8332:shared.Value.Number|} = 1;")]
    [InlineData("State.SharedView view = {|CS0029:shared.View|};")]
    [InlineData("State.SharedView view = new(ref {|CS8329:shared.Value|});")]
    public Task Writing_through_what_Open_returns_does_not_compile(string statement) => Analysis.Check(
        Struct + $$"""
            public static class User
            {
                public static unsafe void Use() { using var shared = SharedStruct.Open<State>("x"); {{statement}} }
            }
            """,
        static source => new TestProject(source) { AllowUnsafe = true });

    [Fact]
    public Task Writing_through_what_Create_returns_compiles() => Analysis.Check(
        Struct + """
            public static class User
            {
                public static void Use()
                {
                    using var shared = SharedStruct.Create<State>("x");
                    shared.View.Number = 1;
                    shared.View.Known = default;
                    shared.View.Enum = DayOfWeek.Friday;
                    shared.View.Inner.X = 1;
                    shared.View.Array[0] = 1;
                    shared.View.Inners[0].X = 1;
                    shared.View.Buffer[0] = 1;
                    shared.View.Text.Set("x");
                    shared.View.Atomic.Write(1);
                    shared.View.Atomic.Increment();
                    State.ReadOnlySharedView view = shared.View;
                    _ = view.Number + view.Inner.X + view.Array[0] + view.Buffer[0] + view.Atomic.Read();
                }
            }
            """,
        static source => new TestProject(source) { AllowUnsafe = true });
}
