namespace TypedShm.Waiting;

/// <summary>
/// How long to spin before a park. Where messages come one after another, a long spin outlasts most interruptions and saves both sides
/// their system calls. Where they come seldom, every spin is in vain; after some of those in a row only a short one is left, with a long
/// one now and then to find out whether that has changed.
/// </summary>
/// <remarks>
/// Measured with two processes and 10 million messages: with 400 pauses some 900 parks, with 2,000 some 300. A length that follows
/// each success and failure at once did worse than either: a park makes the peer wait for long too, which both took for a rule.
/// Several threads may wait at one end. What one has counted may be lost to another, which does no harm.
/// </remarks>
internal sealed class AdaptiveSpin
{
    // In pauses, of which one takes 3 to 45 ns, depending on the processor.
    private const int Long = 2000;
    private const int Short = 100;
    private const int FailuresInARow = 64;
    private const int ShortOnesInARow = 16;

    private uint _failures;

    /// <summary>Looks for as long as seems to pay.</summary>
    public PollResult Poll<TCondition>(ref TCondition condition)
        where TCondition : struct, ICondition
    {
        if (!Spinning.IsUseful)
            return condition.Poll();
        uint failures = _failures;
        PollResult result = Spinning.Poll(ref condition, failures < FailuresInARow || failures % ShortOnesInARow == 0 ? Long : Short);
        _failures = result == PollResult.Pending ? failures + 1 : 0;
        return result;
    }
}
