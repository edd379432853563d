using TypedShm.Layout;

namespace TypedShm;

/// <summary>
/// The two programs were compiled with different layouts of the shared struct. The message prints both side by side;
/// nothing was mapped.
/// </summary>
public sealed class LayoutMismatchException : SharedMemoryException
{
    internal LayoutMismatchException(string endpoint, string peer, LayoutDescriptor ours, LayoutDescriptor theirs)
        : base($"""
            The layout of '{ours.Name}' differs from that of the peer ({peer}) at '{endpoint}'. The lines marked with * differ:

            {LayoutDiff.Describe(ours, theirs)}
            {Remedy(ours, theirs)}
            """)
    {
        Ours = ours;
        Theirs = theirs;
    }

    private static string Remedy(LayoutDescriptor ours, LayoutDescriptor theirs) => LayoutCompatibility.Of(ours, theirs) is null
        ? "Compile both programs with the same declaration of the struct: same fields, names, types and order. A reader may have fewer "
            + "or more fields at the end than the writer, but nothing else may differ."
        : "One has more fields at the end than the other, which is enough for a reader; here both have to be the same. Compile both "
            + "programs with the same declaration of the struct.";

    /// <summary>The layout of this program.</summary>
    public LayoutDescriptor Ours { get; }

    /// <summary>The layout that the peer stated.</summary>
    public LayoutDescriptor Theirs { get; }
}
