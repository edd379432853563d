using System.Diagnostics;
using Types;

// Without arguments this program is the server, and starts itself twice more, as its clients.
switch (args)
{
    case []:
        return All();
    case ["serve", string name]:
    {
        using Server server = new(new TypeIndex(), name);
        server.Wait();
        return 0;
    }
    case ["ask", string name]:
    {
        using Client client = new(name);
        return await client.Run() ? 0 : 1;
    }
    case ["pester", string name]:
    {
        using Client client = new(name);
        client.Pester();
        return 1;
    }
    default:
        Console.Error.WriteLine("""
            Call                a server, which knows all types of .NET, and two clients, one of which is killed
            Call serve NAME     the server, until it is stopped
            Call ask NAME       a client, started before or after it
            Call pester NAME    a client that asks for half a minute, to be killed meanwhile
            """);
        return 2;
}

static int All()
{
    string name = $"types-{Environment.ProcessId}";
    long start = Stopwatch.GetTimestamp();
    TypeIndex index = new();
    Console.WriteLine($"server, process {Environment.ProcessId}: {index.Count:N0} public types of .NET, read in "
        + $"{Stopwatch.GetElapsedTime(start).TotalMilliseconds:F0} ms");
    using Server server = new(index, name);

    // The second client comes when the first one is busy, and goes on when that one is dead.
    using Process victim = Start("pester", name);
    bool isBusy = Until(() => server.Searching == 1 && server.AnsweredTo(victim.Id) > 1_000);
    using Process client = Start("ask", name);
    isBusy = isBusy && Until(() => server.AnsweredTo(client.Id) > 0);
    victim.Kill();
    victim.WaitForExit();
    long before = server.AnsweredTo(client.Id);
    bool isNoticed = Until(() => server.KnowsDead(victim.Id) && server.Stopped >= 1);
    client.WaitForExit();
    long after = server.AnsweredTo(client.Id) - before;

    // A client's word that nobody waits is sent when it stops waiting, and comes when it comes.
    bool areStopped = Until(() => server.Stopped == 3 && server.Searching == 0);
    Console.WriteLine($"client, process {victim.Id}: killed after {server.AnsweredTo(victim.Id):N0} look-ups, in the middle of a search");
    Console.WriteLine($"server, process {Environment.ProcessId}: {server.Answered:N0} look-ups answered, {after:N0} of them after that "
        + $"death; {server.Stopped} searches stopped because nobody waited any more");
    if (client.ExitCode == 0 && isBusy && isNoticed && after > 0 && areStopped)
        return 0;
    Console.Error.WriteLine("That was not as it should be.");
    return 1;
}

static Process Start(params string[] arguments) => Process.Start(Environment.ProcessPath!, arguments);

static bool Until(Func<bool> condition) => SpinWait.SpinUntil(condition, TimeSpan.FromSeconds(30));
