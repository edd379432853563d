using TypedShm.Contracts.Channels;

namespace TypedShm.Contracts.Roles;

/// <summary>
/// An end in a process whose thread pool does nothing any more: its threads sleep, and new ones come too slowly to matter.
/// </summary>
internal static class BlockedPoolRole
{
    private const int Sleepers = 2_000;

    public static Task Create(Channel channel, string name)
    {
        using IDisposable owner = channel.Create(name, new());
        Block();
        Program.Say("open");
        Seen(() => owner.Peers().Count == 1);
        Program.Say("joined");
        Seen(() => owner.Peers().Count == 0);
        Program.Say("left");
        Leave();
        return Task.CompletedTask;
    }

    public static Task Open(Channel channel, string name)
    {
        Block();
        using IDisposable client = channel.Open(name, new OpenOptions { Timeout = Until.Patience });
        Program.Say("open");

        // Nobody waits at this end: its own threads have to notice.
        Seen(() => client.State() == ConnectionState.Lost);
        Program.Say("lost");
        Leave();
        return Task.CompletedTask;
    }

    private static void Block()
    {
        ThreadPool.SetMaxThreads(Environment.ProcessorCount, Environment.ProcessorCount);
        Semaphore asleep = new(0, Sleepers);
        for (int i = 0; i < Sleepers; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    asleep.Release();
                    Thread.Sleep(Timeout.Infinite);
                },
                null);
        }

        for (int i = 0; i < Environment.ProcessorCount; i++)
            asleep.WaitOne();
    }

    private static void Seen(Func<bool> condition)
    {
        while (!condition())
            Thread.Sleep(1);
    }

    // The sleepers would keep it.
    private static void Leave() => Environment.Exit(0);
}
