using TypedShm;

namespace Switches;

/// <summary>How often this machine's processors have switched from one thread to another.</summary>
[SharedLayout]
public partial struct Sample
{
    /// <summary>Since the machine was started.</summary>
    public long Total;

    /// <summary>Since the sample before this one.</summary>
    public long New;
}
