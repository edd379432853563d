using System.Runtime.InteropServices;
using Acme.Parts;
using TypedShm;

namespace Acme.Places;

/// <summary>Around structs of one name.</summary>
internal static partial class Outer1
{
    /// <summary>One of several of this name.</summary>
    [SharedLayout]
    internal partial struct Place
    {
        public int Number;
    }
}

/// <summary>Around structs of one name.</summary>
internal abstract partial record Outer2
{
    /// <summary>Around structs of one name.</summary>
    internal partial interface IInner
    {
        /// <summary>One of several of this name.</summary>
        [SharedLayout]
        internal partial struct Place
        {
            public short Number;
            public Outer1.Place Other;
        }
    }
}

/// <summary>Of parts that another assembly declares, one of which it shows to its friends only.</summary>
[SharedLayout]
[StructLayout(LayoutKind.Explicit, Size = 96)]
internal partial struct Place
{
    [FieldOffset(40)] public Point Point;
    [FieldOffset(8)] public Outer.Hidden Hidden;
    [FieldOffset(48)] public Outer2.IInner.Place Inner;
    [FieldOffset(64)][Atomic] public ulong Mask;
}
