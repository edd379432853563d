namespace TypedShm.Generator.Tests;

public class NestingTests
{
    [Fact]
    public Task Nested_structs() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Segment { public Point From; public Point To; public byte Weight; }

        [SharedLayout]
        public partial struct Point { public double X; public double Y; [Atomic] public int Version; }
        """);

    [Fact]
    public Task Nested_struct_of_another_assembly() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Order { public byte Side; public Maker.Price Price; public Maker.Packed Packed; public Maker.Placed Placed; }
        """, static project => project with
    {
        References =
            [
                new TestProject("""
                    using System.Runtime.InteropServices;
                    using TypedShm;
                    namespace Maker;
                    [SharedLayout] public partial struct Price
                    {
                        public byte Scale; private long _mantissa; [Atomic] public int Version; public Currency Currency;
                    }
                    [SharedLayout] public partial struct Currency { public Text16 Code; }
                    [SharedLayout, StructLayout(LayoutKind.Sequential, Pack = 1, Size = 32)]
                    public partial struct Packed { public byte A; public long B; }
                    [SharedLayout, StructLayout(LayoutKind.Explicit)]
                    public partial struct Placed { [FieldOffset(8)] public int A; [FieldOffset(1)] public byte B; }
                    """) { Name = "Maker" }.ToReference(),
            ],
    });

    [Fact]
    public Task Internal_struct_of_a_friend() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        internal partial struct Order { public Maker.Price Price; internal Maker.Price Old; }
        """, static project => project with
    {
        References =
            [
                new TestProject("""
                    using TypedShm;
                    [assembly: System.Runtime.CompilerServices.InternalsVisibleTo("Acme")]
                    namespace Maker;
                    [SharedLayout] internal partial struct Price { public byte Scale; internal long Mantissa; }
                    """) { Name = "Maker" }.ToReference(),
            ],
    });

    [Fact]
    public Task Same_name_in_both_assemblies() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Order { public int Id; }
        """, static project => project with
    {
        References = [new TestProject(
            "namespace Acme; [TypedShm.SharedLayout] internal partial struct Order { public long Id; }") { Name = "Maker" }.ToReference()],
    });
}
