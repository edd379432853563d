namespace TypedShm.Transport;

/// <summary>
/// A producer of a queue, as it presents itself to a reader: by its name, which outlasts its process, and with the lane that it has kept of
/// a reader that is gone. See <c>docs/protocol.md</c>, <i>Producers</i>.
/// </summary>
/// <param name="name">Its name.</param>
internal sealed class Producer(string name)
{
    /// <summary>The most characters of a name.</summary>
    public const int MaxName = 64;

    private IKeptLane? _kept;

    public string Name => name;

    /// <summary>The lane to be presented; null if one is to be made.</summary>
    public IKeptLane? Kept
    {
        get => Volatile.Read(ref _kept);
        set => Volatile.Write(ref _kept, value);
    }

    /// <summary>Whether a producer can have the name. Nothing else is shown of it, so that it is safe to be shown.</summary>
    public static bool IsName(string text) => text.Length is > 0 and <= MaxName
        && text.All(static character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-');
}

/// <summary>Where a lane stands that its writer has kept of a reader that is gone.</summary>
/// <param name="Head">How many messages were given back.</param>
/// <param name="Delivered">How many may have been handed to the reader's program, those that were given back included.</param>
internal readonly record struct LanePosition(ulong Head, ulong Delivered)
{
    /// <summary>More messages than any lane comes to, and so few that no sum with a capacity overflows.</summary>
    public const ulong Most = 1ul << 62;
}

/// <summary>A lane that its writer has kept of a reader that is gone, for the next one.</summary>
internal interface IKeptLane
{
    LanePosition Position { get; }

    /// <summary>
    /// A reader may have got the lane, but this side no answer: all that is in it by now may have been handed to that reader's program.
    /// </summary>
    void NoteOffered();
}
