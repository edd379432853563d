using TypedShm;

namespace Acme.Parts;

/// <summary>A part of other structs.</summary>
[SharedLayout]
public partial struct Point
{
    /// <summary>To the right.</summary>
    public int X;

    /// <summary>Upwards.</summary>
    public int Y;
}

/// <summary>Holds another, as its name says.</summary>
public static partial class Outer
{
    /// <summary>A part with a hole, that other assemblies do not see unless they are let in.</summary>
    [SharedLayout]
    internal partial struct Hidden
    {
        public byte Small;
        public Point Where;
        [Atomic] public long Count;
    }
}
