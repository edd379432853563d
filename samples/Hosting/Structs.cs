using TypedShm;
using TypedShm.Hosting;

namespace Shop;

[SharedLayout]
public partial struct Inquiry : ITraced
{
    public long Article;
    public TraceContext Trace;

    TraceContext ITraced.Trace { readonly get => Trace; set => Trace = value; }
}

[SharedLayout]
public partial struct Price
{
    public double Euro;
}

[SharedLayout]
public partial struct Order : ITraced
{
    public long Article;
    public double Euro;
    public TraceContext Trace;

    TraceContext ITraced.Trace { readonly get => Trace; set => Trace = value; }
}
