namespace TypedShm.Generator;

/// <summary>
/// What may be true of an <see cref="Origin"/> at a point of the method: the lattice of the analysis. It is a set of states, of which
/// each path that leads here brings one or more; where paths meet, it is their union, and no state at all means that the object is not
/// there.
/// </summary>
[Flags]
internal enum Life
{
    None = 0,

    /// <summary>It is there, to be used.</summary>
    Open = 1,

    /// <summary>A method that may fail was to make it, and nobody has looked at the answer yet.</summary>
    Tried = 1 << 1,

    /// <summary>A claim that was committed or called.</summary>
    Published = 1 << 2,

    /// <summary>It was disposed.</summary>
    Disposed = 1 << 3,

    /// <summary>Each path of a loop that comes round has published or disposed it in the round before.</summary>
    GoneInEveryRound = 1 << 4,

    /// <summary>Others may have done anything with it.</summary>
    Unknown = 1 << 5,

    /// <summary>Of a lease that can be overwritten: nothing was read.</summary>
    Unread = 1 << 6,

    /// <summary>Something was read, which is worth nothing before the lease is asked.</summary>
    Read = 1 << 7,

    /// <summary>What was read went somewhere before the lease was asked.</summary>
    Spent = 1 << 8,

    /// <summary>The lease was asked, and is intact.</summary>
    Intact = 1 << 9,

    /// <summary>The lease was asked, and is not.</summary>
    Torn = 1 << 10,

    /// <summary>The answer is dealt with in a way that is not followed.</summary>
    Answered = 1 << 11,

    /// <summary>On some paths that lead here it was not made.</summary>
    Absent = 1 << 12,

    /// <summary>The method that may fail has, and has not made it.</summary>
    Failed = 1 << 13,
}

internal static class Lives
{
    private const Life End = Life.Published | Life.Disposed | Life.GoneInEveryRound;
    private const Life Existence = End | Life.Open | Life.Tried | Life.Unknown;
    private const Life Reading = ~(Existence | Life.Absent | Life.Failed);

    /// <summary>Whether it is there and open on every path.</summary>
    public static bool IsSurelyOpen(this Life life) => (life & (Existence | Life.Absent | Life.Failed)) == Life.Open;

    /// <summary>Whether, wherever it was made, it is open on some paths, and finished on the others.</summary>
    public static bool IsOpenOnSomePaths(this Life life) =>
        (life & (Life.Open | Life.Tried | Life.Unknown | Life.Absent | Life.GoneInEveryRound)) == Life.Open
        && (life & (Life.Published | Life.Disposed)) != 0;

    /// <summary>What is true where two paths meet.</summary>
    public static Life Or(this Life life, Life other) =>
        life | other | (life == other || (life != Life.None && other != Life.None) ? Life.None : Life.Absent);

    /// <summary>
    /// Whether it is published or disposed on every path, at least on every one that comes from an earlier round of a loop.
    /// </summary>
    public static bool IsGone(this Life life) =>
        (life & Existence) is not 0 && ((life & Existence & ~End) == 0 || life.HasFlag(Life.GoneInEveryRound));

    public static Life WithExistence(this Life life, Life existence) => (life & (Reading | Life.Absent | Life.Failed)) | existence;

    /// <summary>
    /// What a loop's next round begins with: what is gone on some paths only may hang together with the loop's condition.
    /// </summary>
    public static Life InNextRound(this Life life) => life switch
    {
        _ when (life & End) == 0 => life,
        _ when (life & Existence & ~End) == 0 => life | Life.GoneInEveryRound,
        _ => (life & ~End) | Life.Unknown,
    };

    public static Life AfterReading(this Life life) => (life & Reading) switch
    {
        0 or Life.Answered => life,
        _ => (life & ~(Life.Unread | Life.Intact | Life.Torn)) | Life.Read,
    };

    /// <summary>What was read is used. After an answer that changed nothing, on either path, it is as if there had been none.</summary>
    public static Life AfterSpending(this Life life) => (life & (Life.Read | Life.Intact | Life.Torn)) switch
    {
        var open when (open & Life.Read) != 0 => (life & ~Life.Read) | Life.Spent,
        Life.Intact | Life.Torn => (life & ~(Life.Intact | Life.Torn)) | Life.Spent,
        _ => life,
    };

    public static Life AfterAnswer(this Life life, bool isIntact) =>
        (life & Reading) == 0 ? life : (life & (~Reading | Life.Answered)) | (isIntact ? Life.Intact : Life.Torn);

    /// <summary>Whether one answer was given on every path.</summary>
    public static bool HasOneAnswer(this Life life) => (life & Reading) is Life.Intact or Life.Torn;

    public static Life AfterUnfollowedAnswer(this Life life) => (life & Reading) == 0 ? life : (life & ~Reading) | Life.Answered;
}
