namespace TypedShm.Generator.Tests;

public class LayoutTests
{
    [Fact]
    public Task Explicit_layout() => Snapshot.Verify("""
        using System.Runtime.InteropServices;
        using TypedShm;
        namespace Acme;

        [SharedLayout, StructLayout(LayoutKind.Explicit)]
        public partial struct Wire
        {
            [FieldOffset(16)] public long Last;
            [FieldOffset(0)] public int First;
            [FieldOffset(5)] public short Unaligned;
        }
        """);

    [Fact]
    public Task Packed_layout() => Snapshot.Verify("""
        using System.Runtime.InteropServices;
        using TypedShm;
        namespace Acme;

        [SharedLayout, StructLayout(LayoutKind.Sequential, Pack = 1)]
        public partial struct Wire { public byte A; public long B; public System.Int128 C; public Inner D; }

        [SharedLayout, StructLayout(LayoutKind.Sequential, Pack = 2)]
        public partial struct Inner { public byte A; public int B; }
        """);

    [Fact]
    public Task Size_given() => Snapshot.Verify("""
        using System.Runtime.InteropServices;
        using TypedShm;
        namespace Acme;

        [SharedLayout, StructLayout(LayoutKind.Sequential, Size = 192)]
        public partial struct Padded { public long Head; public byte Tail; }
        """);

    [Fact]
    public Task Cache_lines_on_the_map() => Snapshot.Verify("""
        using System.Runtime.CompilerServices;
        using TypedShm;
        namespace Acme;

        [InlineArray(56)] public struct Gap { private byte _first; }

        [SharedLayout]
        public partial struct Lines
        {
            public long Head;
            private Gap _gap;
            public long Tail;
            public byte Small;
            public Text128 Across;
            public int Last;
        }
        """);
}
