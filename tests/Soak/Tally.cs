using System.Text.Json;

namespace TypedShm.Soak;

/// <summary>What one process of a run saw. One thread at a time.</summary>
internal sealed class Tally
{
    public long Received { get; set; }

    public long Lost { get; set; }

    public long Doubled { get; set; }

    public long Torn { get; set; }

    public long Reordered { get; set; }

    /// <summary>How often messages were overwritten before they were read.</summary>
    public long Laps { get; set; }

    /// <summary>How many messages went with that, as the channel counted them.</summary>
    public long Lapped { get; set; }

    /// <summary>How often a value was overwritten while it was read, which the reader noticed.</summary>
    public long Retries { get; set; }

    /// <summary>Asynchronous waits.</summary>
    public long Waits { get; set; }

    /// <summary>Those of them that were not over at once.</summary>
    public long Suspensions { get; set; }

    /// <summary>Bytes of managed memory that were allocated after the warm-up.</summary>
    public long Allocated { get; set; }

    /// <summary>How often a thread of the process went to sleep.</summary>
    public long Sleeps { get; set; }

    public double Seconds { get; set; }

    /// <summary>What is wrong in another way.</summary>
    public string? Complaint { get; set; }

    public bool IsClean => Lost == 0 && Doubled == 0 && Torn == 0 && Reordered == 0 && Complaint is null;

    /// <summary>The next number that is due.</summary>
    public long Next { get; set; }

    /// <summary>A message came where number <see cref="Next"/> was due.</summary>
    public void Saw(in Message message)
    {
        Received++;
        if (!message.IsWhole)
        {
            Torn++;
            Next++;
        }
        else if (message.Number == Next)
        {
            Next++;
        }
        else if (message.Number > Next)
        {
            Lost += message.Number - Next;
            Next = message.Number + 1;
        }
        else if (message.Number == Next - 1)
        {
            Doubled++;
        }
        else
        {
            Reordered++;
        }
    }

    /// <summary>
    /// A value was read that has a position of its own, at which number <paramref name="due"/> is due. Values between may be missed.
    /// </summary>
    public void SawAt(in Message message, long due)
    {
        Next = due;
        Saw(in message);
    }

    public void Add(Tally other)
    {
        Received += other.Received;
        Lost += other.Lost;
        Doubled += other.Doubled;
        Torn += other.Torn;
        Reordered += other.Reordered;
        Laps += other.Laps;
        Lapped += other.Lapped;
        Retries += other.Retries;
    }

    public string ToJson() => JsonSerializer.Serialize(this);

    public static Tally FromJson(string json) => JsonSerializer.Deserialize<Tally>(json)!;
}
