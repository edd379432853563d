namespace TypedShm.CrashSweep;

/// <summary>A message that tells whether it is whole.</summary>
[SharedLayout]
internal partial struct Mark
{
    /// <summary>Who wrote it: the victim, or its successor.</summary>
    public long Source;

    /// <summary>Its number: messages of a source are numbered from 0, values from 1.</summary>
    public long Number;
    public long First;
    public long Second;
    public long Third;
    public long Fourth;
    public long Fifth;
    public long Last;

    /// <summary>Of the process that is killed, or of the other end if that is the one that writes.</summary>
    public const long Original = 0;

    /// <summary>Of whoever takes the victim's place.</summary>
    public const long Successor = 1;

    public static Mark Of(long source, long number) => new()
    {
        Source = source,
        Number = number,
        First = Word(source, number, 1),
        Second = Word(source, number, 2),
        Third = Word(source, number, 3),
        Fourth = Word(source, number, 4),
        Fifth = Word(source, number, 5),
        Last = Word(source, number, 6),
    };

    /// <summary>Whether all of it is of one message. Zeros are not.</summary>
    public readonly bool IsWhole
    {
        get
        {
            Mark whole = Of(Source, Number);
            return First == whole.First && Second == whole.Second && Third == whole.Third
                && Fourth == whole.Fourth && Fifth == whole.Fifth && Last == whole.Last;
        }
    }

    private static long Word(long source, long number, long index) =>
        (long)(((ulong)number + ((ulong)source << 40) + 1) * 0x9E3779B97F4A7C15ul * (ulong)((2 * index) + 1));
}
