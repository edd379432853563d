namespace TypedShm.Samples.UnderTheHood;

/// <summary>The struct that is shared.</summary>
[SharedLayout]
public partial struct Note
{
    [Atomic] public long Number;
    public Text64 Text;
}
