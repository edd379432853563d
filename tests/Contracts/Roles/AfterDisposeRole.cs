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
            // Smaller than what the ends had, so that not all of that would be in use again and answer.
            (SharedStateWriter<Note> other, SharedStateReader<Note> reader) = SharedState.CreatePair<Note>();
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
}
