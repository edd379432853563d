
namespace TypedShm.Ends;

/// <summary>
/// Everything that owns a mapping and was not disposed. The set roots it: dropping the last reference to an owner
/// neither unmaps memory under a view nor hangs up on a peer.
/// </summary>
internal static class RootedEnds
{
    private static readonly Lock s_gate = new();
    private static readonly HashSet<object> s_owners = new(ReferenceEqualityComparer.Instance);

    public static void Add(object owner)
    {
        lock (s_gate)
            s_owners.Add(owner);
    }

    public static void Remove(object owner)
    {
        lock (s_gate)
            s_owners.Remove(owner);
    }
}
