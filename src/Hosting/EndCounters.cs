namespace TypedShm.Hosting;

/// <summary>What the metrics read of an end, when somebody collects them; null for what an end does not count.</summary>
/// <typeparam name="TEnd">The end.</typeparam>
internal sealed record EndCounters<TEnd>
    where TEnd : SharedEnd
{
    /// <summary>For ends that count nothing but their peers.</summary>
    public static EndCounters<TEnd> None { get; } = new();

    /// <summary>How many messages, values or changes it has written or read.</summary>
    public Func<TEnd, long>? Messages { get; init; }

    /// <summary>How many messages are written and not read.</summary>
    public Func<TEnd, long>? Unread { get; init; }

    /// <summary>How many messages were lost.</summary>
    public Func<TEnd, long>? Lost { get; init; }
}
