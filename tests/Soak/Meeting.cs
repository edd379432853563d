namespace TypedShm.Soak;

/// <summary>
/// Lets the writer of a run begin only when its reader is ready, and stay until it has read everything: a queue in the other direction.
/// </summary>
internal sealed class Meeting : IDisposable
{
    private readonly SharedQueueReader<Message>? _reader;
    private readonly SharedQueueWriter<Message>? _writer;

    private Meeting(SharedQueueReader<Message>? reader, SharedQueueWriter<Message>? writer)
    {
        _reader = reader;
        _writer = writer;
    }

    public static Meeting Host(Plan plan) => new(SharedQueue.CreateReader<Message>($"{plan.Name}-meeting"), null);

    public static Meeting Join(Plan plan) =>
        new(null, SharedQueue.OpenWriter<Message>($"{plan.Name}-meeting", new OpenOptions { Timeout = TimeSpan.FromSeconds(60) }));

    /// <summary>Waits for the reader's next word.</summary>
    public ValueTask<Message> Await() => _reader!.ReadAsync();

    /// <summary>The reader's word.</summary>
    public void Say() => _writer!.Write(default(Message));

    public void Dispose()
    {
        _reader?.Dispose();
        _writer?.Dispose();
    }
}
