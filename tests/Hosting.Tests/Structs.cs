namespace TypedShm.Hosting.Tests;

[SharedLayout]
public partial struct Order
{
    public long Number;
    public double Price;
}

/// <summary>As <see cref="Order"/>, but not quite.</summary>
[SharedLayout]
public partial struct Bill
{
    public long Number;
    public float Price;
}

[SharedLayout]
public partial struct Inquiry : ITraced
{
    public long Number;
    public TraceContext Trace;

    TraceContext ITraced.Trace
    {
        readonly get => Trace;
        set => Trace = value;
    }
}
