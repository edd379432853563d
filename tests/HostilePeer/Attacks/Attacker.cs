using System.Diagnostics;
using System.Globalization;
using TypedShm.HostilePeer.Raw;
using TypedShm.HostilePeer.Targets;
using TypedShm.TestKit;

namespace TypedShm.HostilePeer.Attacks;

/// <summary>The process that the inputs come from. One input at a time.</summary>
internal sealed class Attacker : IDisposable
{
    private readonly int _seed;
    private readonly Attack[] _kinds;
    private readonly FileStream _log;
    private readonly Dictionary<string, RawSocket> _listeners = [];

    private Attacker(string name, int seed, string[] only)
    {
        _seed = seed;
        _kinds = only.Length == 0 ? Attack.All : [.. Attack.All.Where(attack => only.Contains(attack.Name))];
        _log = new FileStream(Run.PathOf($"{name}/log"), FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        foreach (string kind in ClientTarget.Kinds.Keys)
            _listeners[kind] = RawSocket.Listen(Run.PathOf($"{name}/{kind}"));
    }

    public Endpoint[] Endpoints { get; private set; } = [];

    public Tally Tally { get; private set; } = new();

    /// <summary>Whether this process has another user than those that it attacks.</summary>
    public bool IsStranger { get; private init; }

    public static async Task Obey(string name, int seed, uint user, string[] only)
    {
        // So that it can open its own memory, also as another user.
        const int SetDumpable = 4;
        bool isStranger = user != Sys.geteuid();
        Strangers.Mute = MuteFileSystem.TryMount(out _);
        if (isStranger && (Sys.setresgid(user, user, user) != 0 || Sys.setresuid(user, user, user) != 0
            || Sys.prctl(SetDumpable, 1) != 0))
            throw new IOException($"This process cannot become user {user}: errno {Sys.Errno}");
        using Attacker attacker = new(name, seed, only) { IsStranger = isStranger };
        await Commands.Answer(command =>
        {
            string[] words = command.Split(' ');
            switch (words[0])
            {
                case "learn":
                    attacker.Endpoints = [.. Endpoint.Unknown.Select(RawClient.Learn)];
                    return Task.FromResult("learnt");
                case "run":
                    attacker.Execute(long.Parse(words[1], CultureInfo.InvariantCulture), int.Parse(words[2], CultureInfo.InvariantCulture));
                    string result = attacker.Tally.ToJson();
                    attacker.Tally = new Tally();
                    return Task.FromResult(result);
                default:
                    throw new InvalidOperationException($"What is '{command}'?");
            }
        }).ConfigureAwait(false);
    }

    /// <summary>The random numbers of an input.</summary>
    public Random RandomOf(long number) => new(HashOf(number, 1));

    /// <summary>The next client that has come to a name of this process.</summary>
    public RawSocket? Accept(string kind, int milliseconds) => _listeners[kind].Accept(milliseconds);

    /// <summary>What the input with a number is.</summary>
    public static Attack KindOf(long number, int seed, Attack[] kinds)
    {
        int at = new Random(HashOf(number, 0, seed)).Next(kinds.Sum(kind => kind.Weight));
        return kinds.First(kind => (at -= kind.Weight) < 0);
    }

    public void Dispose()
    {
        _log.Dispose();
        foreach (RawSocket listener in _listeners.Values)
            listener.Dispose();
    }

    private static int HashOf(long number, int use, int seed) =>
        unchecked((int)(((((ulong)number * 2) + (ulong)use + 1) * 0x9E3779B97F4A7C15 * ((2 * (ulong)seed) + 1)) >> 17));

    private int HashOf(long number, int use) => HashOf(number, use, _seed);

    private void Execute(long from, int count)
    {
        for (long number = from; number < from + count; number++)
        {
            Attack kind = KindOf(number, _seed, _kinds);
            _log.Seek(0, SeekOrigin.Begin);
            _log.Write(System.Text.Encoding.UTF8.GetBytes($"{number} ({kind.Name})".PadRight(60)));
            Tally.Begin(kind.Name);
            long begun = Stopwatch.GetTimestamp();
            kind.Run(new Input(this, kind, number));
            Tally.End(kind.Name, Stopwatch.GetElapsedTime(begun));
        }
    }
}
