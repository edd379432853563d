using TypedShm.Contracts.Channels;

namespace TypedShm.Contracts.Roles;

/// <summary>
/// Disposes both ends, lets many others come and go so that their addresses could be taken, and then uses them. In a process of its own:
/// what goes wrong here ends it.
/// </summary>
internal static class AfterDisposeRole
{
    private const int OtherPairs = 700;

    public static async Task Run(Channel channel)
    {
        (IDisposable owner, IDisposable client) = channel.Pair();
        (IDisposable writer, _) = channel.OwnerWrites ? (owner, client) : (client, owner);
        channel.Send(writer, 1);
        client.Dispose();
        owner.Dispose();
        List<IDisposable> open = [];
        for (int i = 0; i < OtherPairs; i++)
        {
            (SharedQueueReader<Note> reader, SharedQueueWriter<Note> other) = Others();
            other.Write(Note.Of(-1));
            if (i % 50 == 0)
            {
                open.AddRange([reader, other]);
                continue;
            }

            reader.Dispose();
            other.Dispose();
        }

        string[] faults = [.. await AfterDispose.Faults(owner), .. await AfterDispose.Faults(client)];
        open.ForEach(end => end.Dispose());
        Program.Say(faults.Length == 0 ? "nothing wrong" : string.Join("; ", faults));
    }

    private static (SharedQueueReader<Note> Reader, SharedQueueWriter<Note> Writer) Others()
    {
        (SharedQueueWriter<Note> writer, SharedQueueReader<Note> reader) = SharedQueue.CreatePair<Note>(new() { Capacity = 16 });
        return (reader, writer);
    }
}
