namespace TypedShm.Generator.Tests;

public class DeclarationTests
{
    [Fact]
    public Task The_struct_of_the_README() => Snapshot.Verify("""
        using System.Numerics;
        using TypedShm;

        [SharedLayout]
        public partial struct Telemetry
        {
            public long Tick;
            public double Rpm;
            public Vector3 Position;
            [Atomic] public int Faults;
            public Text32 Unit;
        }
        """);

    [Fact]
    public Task Containers_of_every_kind() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        public static partial class InStatic { [SharedLayout] public partial struct S { public int X; } }
        public sealed partial class InClass { [SharedLayout] public partial struct S { public int X; } }
        public partial struct InStruct { [SharedLayout] public partial struct S { public int X; } }
        public readonly partial struct InReadonly { [SharedLayout] public partial struct S { public int X; } }
        public ref partial struct InRef { [SharedLayout] public partial struct S { public int X; } }
        public partial record InRecord { [SharedLayout] public partial struct S { public int X; } }
        public partial record struct InRecordStruct { [SharedLayout] public partial struct S { public int X; } }
        public partial interface IAround { [SharedLayout] public partial struct S { public int X; } }
        public partial class Deep { internal abstract partial class Deeper { [SharedLayout] public partial struct S { public int X; } } }
        [SharedLayout] public partial struct InShared { public int Y; public S Z; [SharedLayout] public partial struct S { public int X; } }
        """);

    [Fact]
    public Task Record_structs() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial record struct Reading { public int X; public double Y; }
        """);

    [Fact]
    public Task Readonly_structs() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public readonly partial struct Reading { public readonly int X; public readonly Text16 Y; }

        [SharedLayout]
        public readonly partial record struct Log { public readonly int X; }
        """);

    [Fact]
    public Task Internal_structs() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        internal partial struct Inside { public int X; }

        internal static partial class Outer { [SharedLayout] public partial struct Inside { public int X; } }
        """);

    [Fact]
    public Task Global_namespace() => Snapshot.Verify("""
        [TypedShm.SharedLayout]
        public partial struct Alone { public int X; }

        public partial class Outer { [TypedShm.SharedLayout] public partial struct Alone { public int X; } }
        """);

    [Fact]
    public Task Block_and_nested_namespaces() => Snapshot.Verify("""
        namespace Acme
        {
            namespace Market.Data
            {
                [TypedShm.SharedLayout]
                public partial struct Quote { public int X; }
            }
        }
        """);

    [Fact]
    public Task Primary_constructors_that_keep_nothing() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Point(int x) { public int X = x; }
        """);

    [Fact]
    public Task Several_parts_with_the_fields_in_one() => Snapshot.Verify("""
        #nullable enable
        using TypedShm;
        namespace Acme;

        [SharedLayout]
        public partial struct Point { public int X; public int Y; }

        public partial struct Point : System.IEquatable<Point>
        {
            public readonly bool Equals(Point other) => X == other.X && Y == other.Y;
            public override readonly bool Equals(object? obj) => obj is Point other && Equals(other);
            public override readonly int GetHashCode() => X;
        }
        """);
}
