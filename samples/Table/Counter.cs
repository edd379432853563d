using TypedShm;

namespace Counters;

/// <summary>A row of the table: one number that the kernel keeps.</summary>
[SharedLayout]
public partial struct Counter
{
    public Text64 Name;
    public long Value;
}
