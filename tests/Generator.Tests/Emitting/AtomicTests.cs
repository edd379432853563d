namespace TypedShm.Generator.Tests;

public class AtomicTests
{
    [Fact]
    public Task Atomics_of_every_size() => Snapshot.Verify("""
        using TypedShm;
        namespace Acme;

        public enum Phase : short { Idle }

        [SharedLayout]
        public partial struct Counters
        {
            [Atomic] public bool Bool;
            [Atomic] public byte Byte;
            [Atomic] public sbyte SByte;
            [Atomic] public char Char;
            [Atomic] public short Int16;
            [Atomic] public ushort UInt16;
            [Atomic] public System.Half Half;
            [Atomic] public Phase Phase;
            [Atomic] public int Int32;
            [Atomic] public uint UInt32;
            [Atomic] public float Single;
            [Atomic] public long Int64;
            [Atomic] public ulong UInt64;
            [Atomic] public double Double;
        }
        """);
}
