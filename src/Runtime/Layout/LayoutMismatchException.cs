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
            Compile both programs with the same declaration of the struct: same fields, names, types and order.
            """)
    {
        Ours = ours;
        Theirs = theirs;
    }

    /// <summary>The layout of this program.</summary>
    public LayoutDescriptor Ours { get; }

    /// <summary>The layout that the peer stated.</summary>
    public LayoutDescriptor Theirs { get; }
}
