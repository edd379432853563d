namespace TypedShm.HostilePeer.Targets;

/// <summary>What all channels carry. What stands in it is checked by whoever knows the secret of the run, which no attacker does.</summary>
[SharedLayout]
public partial struct Probe
{
    public long Number;
    public long Secret;
    public long Check;
    public int Sender;
    public Text32 Text;

    /// <summary>A message of an honest sender.</summary>
    public static Probe Of(long number, int sender = 0)
    {
        Probe probe = default;
        probe.Number = number;
        probe.Secret = Run.Secret;
        probe.Check = CheckOf(number, sender);
        probe.Sender = sender;
        return probe;
    }

    /// <summary>Whether an honest sender of this run has made it.</summary>
    public readonly bool IsHonest => Secret == Run.Secret;

    /// <summary>Whether it is whole.</summary>
    public readonly bool IsWhole => Check == CheckOf(Number, Sender);

    private static long CheckOf(long number, int sender) => unchecked((number * 0x9E3779B97F4A7C1) ^ sender ^ Run.Secret);
}
