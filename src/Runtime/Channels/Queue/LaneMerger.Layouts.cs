using TypedShm.Layout;
using TypedShm.Rings;

namespace TypedShm.Channels;

/// <content>The layouts of the writers: each has brought its own.</content>
internal sealed partial class LaneMerger<T>
{
    private static readonly LayoutCompatibility s_own = LayoutCompatibility.For<T>(LayoutDescriptor.Of<T>());

    public override bool IsByReference => All.All(static lane => lane.Compatibility.IsByReference);

    // Asked first: whether there is such a field does not depend on who writes.
    public override bool Has(string field) =>
        s_own.Has(field) && All.All(lane => lane.Compatibility.Has(field));
}
