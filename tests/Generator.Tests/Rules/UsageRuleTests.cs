using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator.Tests;

/// <summary>The rules on usage: what they catch, and what they leave alone.</summary>
public sealed class UsageRuleTests
{
    private const string Start = """
        using System;
        using System.Runtime.CompilerServices;
        using System.Threading;
        using System.Threading.Tasks;
        using TypedShm;

        public enum Phase { Idle, Busy }

        [InlineArray(64)]
        public struct Samples { private long _first; }

        [SharedLayout]
        public partial struct Inner { public int Count; public int Rank; }

        [SharedLayout]
        public partial struct Gate
        {
            public long Total;
            public int Ready;
            [Atomic] public int Turn;
            public Inner Inner;
            public Phase Phase;
            public int Spare;
        }

        [SharedLayout]
        public partial struct Big { public long Tick; public Samples Samples; }

        """;

    [Fact]
    public async Task A_type_that_documentation_refers_to_needs_no_constraint()
    {
        TestProject project = new(Start + """
            /// <summary>As a <see cref="SharedStateReader{T}"/>, or <see cref="SharedState.Create{T}"/>.</summary>
            public static class Documented;
            """) { DocumentationFile = true };
        ImmutableArray<Diagnostic> all = await Analysis.DiagnosticsOf(GeneratorRun.Of(project).Output, Analysis.Own);
        Assert.DoesNotContain(all, static diagnostic => diagnostic.Id == "TSHM0120");
    }

    [Fact]
    public Task A_type_parameter_is_shared_by_an_interface_that_derives_from_the_contract() => Analysis.Check(Start + """
        public interface IMessage<T> : ISharedLayout<T> where T : unmanaged, IMessage<T> { int Key { get; } }

        public static class Generic<T> where T : unmanaged, IMessage<T>
        {
            public static SharedStateReader<T> Open() => SharedState.Open<T>("x");
        }
        """);

    /// <summary>Checks bodies of methods that have both ends of live structs at hand.</summary>
    private static Task<ImmutableArray<Diagnostic>> Body(params string[] bodies) => Analysis.Check($$"""
        {{Start}}
        public static class Program
        {
            public static volatile bool s_stop;
            public static bool s_flag;
            public static SharedStructWriter<Gate>? s_gate;
            public static bool Done() => s_stop;
            public static void Take(object? value) { }
            public static void TakeBig(Big value) { }
            public static void LookAt(in Big value) { }

        {{string.Join("\n", bodies.Select(static (body, index) => $$"""
            public static {{(body.Contains("await ", StringComparison.Ordinal)
                ? "async Task"
                : "void")}} Run{{index}}(SharedStructWriter<Gate> gate, SharedStructReader<Gate> reader, SharedStructWriter<Big> big,
                CancellationToken token)
            {
                {{body}}
            }
            """))}}
        }
        """);

    [Fact]
    public Task Generic_code_may_be_constrained_by_what_extends_the_contract() => Analysis.Check("""
        using TypedShm;
        public interface IMessage<T> : ISharedLayout<T> where T : unmanaged, IMessage<T>;
        public interface INumbered;
        [SharedLayout] public partial struct Quote : IMessage<Quote> { public long Price; }
        public static class Feeds
        {
            public static SharedStateWriter<T> Open<T>(string name) where T : unmanaged, IMessage<T> => SharedState.Create<T>(name);
            public static SharedStateWriter<T> OpenBoth<T>(string name) where T : unmanaged, INumbered, IMessage<T> =>
                SharedState.Create<T>(name);
            public static SharedStateReader<TDerived> Read<T, TDerived>(string name)
                where T : unmanaged, ISharedLayout<T> where TDerived : unmanaged, ISharedLayout<TDerived> =>
                SharedState.Open<TDerived>(name);
            public static SharedStateWriter<Quote> Quotes() => Open<Quote>("quotes");
        }
        """);

    [Fact]
    public Task A_loop_that_waits_for_a_plain_field_is_found() => Body(
        "while ({|TSHM0106:gate.View.Ready|} == 0) { }",
        "while ({|TSHM0106:reader.View.Ready|} == 0) ;",
        "do { } while ({|TSHM0106:gate.View.Inner.Count|} < 3);",
        "for (int i = 0; {|TSHM0106:gate.View.Phase|} == Phase.Idle; i++) { }",
        "Gate.SharedView view = gate.View; while (!token.Equals(null) && true) { break; } while ({|TSHM0106:view.Ready|} == 0 || "
            + "{|TSHM0106:view.Total|} < 5) { int spins = 0; spins++; }",
        "while ({|TSHM0106:gate.Value.Ready|} == 0) { }",
        "while ({|TSHM0106:gate.Value.Inner.Count|} == 0) { }",
        "ref int ready = ref gate.View.Ready; while ({|TSHM0106:ready|} == 0) { }",
        "while (!s_flag && {|TSHM0106:gate.View.Ready|} == 0) { }",
        "int ready = gate.View.Ready; while (ready == 0) { ready = {|TSHM0106:gate.View.Ready|}; }",
        "Gate copy = gate.Value; while ({|TSHM0106:copy.Ready|} == 0) { }");

    [Fact]
    public Task A_loop_that_can_end_is_left_alone() => Body(
        "while (gate.View.Ready == 0) Thread.Yield();",
        "while (Volatile.Read(ref gate.View.Ready) == 0) { }",
        "while (gate.View.Turn.Read() == 0) { }",
        "while (gate.View.Ready == 0) gate.View.Total++;",
        "while (gate.View.Ready == 0) { if (token.IsCancellationRequested) return; }",
        "while (gate.View.Ready == 0 && !s_stop) { }",
        "while (gate.View.Ready == 0 && !Done()) { }",
        "for (int i = 0; gate.View.Ready == 0 && i < 1000; i++) { }",
        "Gate local = default; while (local.Ready == 0) { }",
        "foreach (char c in \"abc\") { }");

    [Fact]
    public Task A_use_after_Dispose_is_found() => Body(
        "Gate.SharedView view = gate.View; gate.Dispose(); {|TSHM0107:view|}.Ready = 1;",
        "ref long total = ref gate.View.Total; gate.Dispose(); Take({|TSHM0107:total|});",
        "ref Gate value = ref gate.Value; gate?.Dispose(); if (token.CanBeCanceled) {|TSHM0107:value|}.Ready++;",
        "gate.Dispose(); Take({|TSHM0107:gate|}.View.Ready);",
        "reader.Dispose(); Take({|TSHM0107:reader|}.Value.Ready);",
        "ref int ready = ref gate.View.Ready; gate.Dispose(); {|TSHM0107:ready|} = 1;",
        "var view = gate.View; var inner = view.Inner; gate.Dispose(); {|TSHM0107:inner|}.Count = 1;",
        "Span<long> samples = big.View.Samples; Span<long> last = samples.Slice(32); big.Dispose(); {|TSHM0107:last|}.Clear();",
        "Gate.SharedView view; using (gate) { view = gate.View; } {|TSHM0107:view|}.Ready = 1;",
        "Gate.ReadOnlySharedView view; using (var own = SharedStruct.Open<Gate>(\"x\")) { view = own.View; } "
            + "Take({|TSHM0107:view|}.Ready);",
        "Gate.ReadOnlySharedView view; { using var own = SharedStruct.Open<Gate>(\"x\"); view = own.View; } Take({|TSHM0107:view|}.Ready);",
        "var view = gate.View; try { view.Ready = 1; } finally { gate.Dispose(); } Take({|TSHM0107:view|}.Ready);",
        "var view = gate.View; var atomic = view.Turn; gate.Dispose(); {|TSHM0107:atomic|}.Write(1);");

    [Fact]
    public Task A_use_of_something_else_is_left_alone() => Body(
        "Gate.SharedView view = gate.View; view.Ready = 1; gate.Dispose();",
        "Gate copy = gate.Value; gate.Dispose(); Take(copy.Ready);",
        "gate.Dispose(); Take(gate.State); gate.Dispose();",
        "var view = gate.View; gate.Dispose(); gate = null!; view = default; view.Ready = 1;",
        "var view = gate.View; if (view.Ready == 0) { gate.Dispose(); return; } view.Ready = 1;",
        "var view = gate.View; big.Dispose(); view.Ready = 1;",
        "long total = gate.View.Total; gate.Dispose(); Take(total);");

    [Fact]
    public Task A_channel_that_is_never_disposed_is_found() => Body(
        "var {|TSHM0108:own|} = SharedStruct.Create<Gate>(\"x\"); own.View.Ready = 1; own.Signal();",
        "SharedStructReader<Gate> {|TSHM0108:own|} = SharedStruct.Open<Gate>(\"x\"); if (own != null) Take(own.View.Ready);",
        "{|TSHM0108:SharedStruct.Create<Gate>(\"x\")|};",
        "_ = {|TSHM0108:SharedStruct.Create<Gate>(\"x\")|};",
        "Take({|TSHM0108:SharedStruct.Open<Gate>(\"x\")|}.View.Ready);",
        "{|TSHM0108:SharedStruct.Create<Gate>(\"x\")|}.Signal();",
        "var ({|TSHM0108:owner|}, other) = SharedStruct.CreatePair<Gate>(); owner.Signal(); other.Dispose();",
        "(SharedStructWriter<Gate> {|TSHM0108:owner|}, SharedStructReader<Gate> {|TSHM0108:other|}) = SharedStruct.CreatePair<Gate>(); "
            + "owner.Signal();");

    [Fact]
    public Task So_is_one_that_was_opened_without_blocking() => Body("""
        var {|TSHM0108:own|} = await SharedStruct.OpenAsync<Gate>("x", cancellationToken: token).ConfigureAwait(false);
        Take(own.State);
        """);

    [Fact]
    public Task A_channel_that_somebody_disposes_is_left_alone() => Body(
        "using var own = SharedStruct.Create<Gate>(\"x\"); own.Signal();",
        "using (var own = SharedStruct.Create<Gate>(\"x\")) own.Signal();",
        "var own = SharedStruct.Create<Gate>(\"x\"); try { own.Signal(); } finally { own.Dispose(); }",
        "var own = SharedStruct.Create<Gate>(\"x\"); own?.Dispose();",
        "var own = SharedStruct.Create<Gate>(\"x\"); Take(own);",
        "s_gate = SharedStruct.Create<Gate>(\"x\");",
        "var own = SharedStruct.Create<Gate>(\"x\"); s_gate = own;",
        "var own = SharedStruct.Create<Gate>(\"x\"); Action end = own.Dispose; end();",
        "var own = SharedStruct.Create<Gate>(\"x\"); using (own) own.Signal();",
        "var (owner, other) = SharedStruct.CreatePair<Gate>(); using (owner) using (other) owner.Signal();",
        "SharedStruct.Create<Gate>(\"x\").Dispose();");

    [Fact]
    public Task A_copy_of_a_large_struct_is_found() => Body(
        "Big copy = {|TSHM0109:big.Value|}; Take(copy.Tick);",
        "TakeBig({|TSHM0109:big.Value|});",
        "ref Big value = ref big.Value; Big copy = default; copy = {|TSHM0109:value|}; Take(copy.Tick);",
        "Func<Big> read = () => {|TSHM0109:big.Value|}; read();");

    [Fact]
    public Task A_small_or_intended_copy_is_left_alone() => Body(
        "Gate copy = gate.Value; Take(copy.Ready);",
        "ref readonly Big value = ref big.Value; LookAt(in value); LookAt(big.Value);",
        "Big copy = big.Read(); Big second = copy; Take(second.Tick);",
        "big.Value = default; big.Value = big.Read();",
        "var view = new Big.SharedView(ref big.Value); Take(view.Tick);");

    [Fact]
    public Task A_lost_claim_and_an_unchecked_lease_are_found() => Messages(
        "using Claim<Gate> {|TSHM0112:claim|} = writer.Claim(); claim.Value.Ready = 1;",
        "if (writer.TryClaim(out var {|TSHM0112:claim|})) claim.Value.Ready = 1;",
        "using StateClaim<Gate> {|TSHM0112:claim|} = state.Update(); claim.Value.Ready = 1;",
        "using CallClaim<Gate, Gate> {|TSHM0112:claim|} = calls.Claim(); claim.Value.Ready = 1;",
        "StateLease<Gate> {|TSHM0111:lease|} = latest.Lease(); Program.Take(lease.Value.Ready);");

    [Fact]
    public Task A_claim_and_a_lease_that_are_done_with_are_left_alone() => Messages(
        "using Claim<Gate> claim = writer.Claim(); claim.Value.Ready = 1; claim.Commit();",
        "if (writer.TryClaim(out Claim<Gate> claim)) { claim.Value.Ready = 1; claim.Dispose(); }",
        "using CallClaim<Gate, Gate> claim = calls.Claim(); claim.Value.Ready = 1; using var reply = claim.Call(); "
            + "Program.Take(reply.Value.Ready);",
        "using Claim<Gate> claim = writer.Claim(); Fill(claim); void Fill(Claim<Gate> other) => other.Commit();",
        "StateLease<Gate> lease = latest.Lease(); int ready = lease.Value.Ready; if (lease.IsIntact) Program.Take(ready);",
        "StateLease<Gate> lease = latest.Lease(); Program.Take(lease.Generation);",
        "using Lease<Gate> lease = queue.Lease(); Program.Take(lease.Value.Ready);");

    [Fact]
    public Task A_lease_that_is_used_after_its_Dispose_is_found() => Messages("""
        Lease<Gate> lease = queue.Lease();
        ref readonly Gate gate = ref lease.Value;
        lease.Dispose();
        Program.Take({|TSHM0107:gate|}.Ready);
        Program.Take({|TSHM0107:lease|}.Value.Ready);
        """);

    [Fact]
    public Task A_message_of_more_than_16_KiB_is_found() => Analysis.Check($$"""
        {{Start}}
        [InlineArray(2048)]
        public struct Kibibytes { private long _first; }

        [SharedLayout]
        public partial struct Full { public Kibibytes Bytes; }

        [SharedLayout]
        public partial struct TooFull { public Kibibytes Bytes; public long More; }

        public static class Program
        {
            public static void Run()
            {
                using var full = SharedQueue.CreateReader<Full>("full");
                using var tooFull = {|TSHM0110:SharedQueue.CreateReader<TooFull>("too-full")|};
                using var live = SharedStruct.Create<TooFull>("live");
            }
        }
        """);

    /// <summary>Checks bodies of methods that have a queue and a state at hand.</summary>
    private static Task<ImmutableArray<Diagnostic>> Messages(params string[] bodies) => Analysis.Check($$"""
        {{Start}}
        public static class Program
        {
            public static void Take(object? value) { }

        {{string.Join("\n", bodies.Select(static (body, index) => $$"""
            public static void Run{{index}}(
                SharedQueueWriter<Gate> writer, SharedQueueReader<Gate> queue, SharedStateWriter<Gate> state,
                SharedStateReader<Gate> latest, SharedCallClient<Gate, Gate> calls)
            {
                {{body}}
            }
            """))}}
        }
        """);
}
