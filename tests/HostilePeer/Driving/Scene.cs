using System.Globalization;
using System.Security.Cryptography;
using TypedShm.HostilePeer.Attacks;
using TypedShm.HostilePeer.Raw;
using TypedShm.HostilePeer.Targets;
using TypedShm.TestKit;

namespace TypedShm.HostilePeer.Driving;

/// <summary>The processes of a round: a server of everything, a client of everything, an honest peer, and those who attack.</summary>
internal sealed class Scene : IDisposable
{
    private const int Step = 50;

    private readonly string _directory = Directory.CreateTempSubdirectory("hostile-").FullName;
    private readonly string _rights;
    private readonly Peer _server;
    private readonly Peer _client;
    private readonly Peer _honest;
    private readonly Dictionary<string, Peer> _attackers = [];

    public Scene(string rights, int seed, string[] only)
    {
        _rights = rights;
        _ = Sys.chmod(_directory, 0x1ED); // rwxr-xr-x
        uint[] users = CanBecomeAnother ? [Sys.geteuid(), Run.OtherUser] : [Sys.geteuid(), Sys.geteuid()];
        string[] names = [.. users.Select((user, i) => $"{i}-of-{user}")];
        foreach (string name in names)
        {
            Directory.CreateDirectory($"{_directory}/{name}");
            _ = Sys.chmod($"{_directory}/{name}", 0x1FF);
        }

        string secret = RandomNumberGenerator.GetInt32(1, int.MaxValue).ToString(CultureInfo.InvariantCulture);
        _server = Start(secret, "serve", rights);
        _client = Start("0", ["open", rights, .. names]);
        _honest = Start(secret, "honest");
        for (int i = 0; i < names.Length; i++)
        {
            string[] arguments = ["attack", names[i], $"{seed}", $"{users[i]}", .. only];
            _attackers[names[i]] = Start("0", arguments);
        }
    }

    public static bool CanBecomeAnother => Sys.geteuid() == 0;

    public int Attackers => _attackers.Count;

    /// <summary>Waits until everybody is there.</summary>
    public async Task Begin()
    {
        foreach (Peer attacker in _attackers.Values)
            attacker.Expect("= ready");
        _server.Expect("= ready");
        _client.Expect("= ready");
        _honest.Expect("= ready");
        await _honest.Begin("progress").ConfigureAwait(false);
        await _honest.Begin("open").ConfigureAwait(false);
        foreach (Peer attacker in _attackers.Values)
            await attacker.Begin("learn").ConfigureAwait(false);
        await _client.Begin("rest").ConfigureAwait(false);
        await _client.Begin("remember").ConfigureAwait(false);
        await _client.Begin("go").ConfigureAwait(false);
        await _server.Begin("remember").ConfigureAwait(false);
    }

    /// <summary>Runs a batch, shared among the attackers.</summary>
    public async Task<Tally> Attack(long from, long count)
    {
        List<Task<Tally>> running = [];
        long share = (count + Attackers - 1) / Attackers;
        foreach (Peer attacker in _attackers.Values)
        {
            long own = Math.Min(share, count);
            running.Add(Attack(attacker, from, own));
            from += own;
            count -= own;
        }

        Task all = Task.WhenAll(running);
        while (await Task.WhenAny(all, Task.Delay(100)).ConfigureAwait(false) != all)
            ThrowIfEnded();
        ThrowIfEnded();
        Tally tally = new();
        foreach (Task<Tally> run in running)
            tally.Add(await run.ConfigureAwait(false));
        return tally;
    }

    /// <summary>Whether everybody lives, answers and holds what it did.</summary>
    /// <returns>How far the honest peer has come.</returns>
    public async Task<string> Check()
    {
        ThrowIfEnded();
        await _honest.Begin("progress").ConfigureAwait(false);
        await _honest.Begin("open").ConfigureAwait(false);
        await _client.Begin("rest").ConfigureAwait(false);
        await Returned(_client, "client").ConfigureAwait(false);
        await _client.Begin("go").ConfigureAwait(false);
        await Returned(_server, "server").ConfigureAwait(false);

        // All that was sent before comes; what has come is checked there.
        long sent = long.Parse(await _honest.Begin("sent").ConfigureAwait(false), CultureInfo.InvariantCulture);
        Func<bool> hasAll = () => long.Parse(_server.Ask("received"), CultureInfo.InvariantCulture) >= sent;
        await Until.Holds(hasAll, "the server has all that was sent").ConfigureAwait(false);
        ThrowIfEnded();
        return await _honest.Begin("seen").ConfigureAwait(false);
    }

    /// <summary>The exceptions that the attacked processes have met.</summary>
    public async Task<Dictionary<string, long>> Met()
    {
        Dictionary<string, long> met = [];
        foreach ((string who, Peer peer) in ((string, Peer)[])[("server", _server), ("client", _client)])
        {
            foreach (string count in (await peer.Begin("counts").ConfigureAwait(false)).Split(';', StringSplitOptions.RemoveEmptyEntries))
            {
                int colon = count.LastIndexOf(':');
                met[$"{who}: {count[..colon]}"] = long.Parse(count.AsSpan(colon + 1), CultureInfo.InvariantCulture);
            }
        }

        return met;
    }

    /// <summary>The inputs that were under way last.</summary>
    public string LastInputs() => string.Join(
        '\n', _attackers.Keys.Select(name => $"attacker {name}: input {File.ReadAllText($"{_directory}/{name}/log").Trim()}"));

    public void Dispose()
    {
        foreach (Peer peer in (Peer[])[.. _attackers.Values, _honest, _client, _server])
            peer.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    // In steps that no machine, however busy, takes as long for as the patience with an answer.
    private static async Task<Tally> Attack(Peer attacker, long from, long count)
    {
        Tally tally = new();
        for (long at = 0; at < count && tally.Violations.Count == 0; at += Step)
            tally.Add(Tally.Parse(await attacker.Begin($"run {from + at} {Math.Min(Step, count - at)}").ConfigureAwait(false)));
        return tally;
    }

    private static async Task Returned(Peer peer, string who)
    {
        peer.Tell("returned");
        string answer = (await peer.ReadAsync().ConfigureAwait(false)) ?? "";
        if (answer.StartsWith('!'))
            throw new LeakException($"the {who} {answer}");
        if (answer != "= all")
            throw new CrashException($"The {who} has ended. It wrote: {peer.Errors}");
    }

    private void ThrowIfEnded()
    {
        if (_server.HasEnded)
            throw new CrashException($"The server ({_rights} kernel) has ended. It wrote: {_server.Errors}");
        if (_client.HasEnded)
            throw new CrashException($"The client ({_rights} kernel) has ended. It wrote: {_client.Errors}");
        if (_honest.HasEnded)
            throw new CrashException($"The honest peer has ended. It wrote: {_honest.Errors}");
    }

    private Peer Start(string secret, params string[] arguments) => Peer.Start(
        typeof(Scene).Assembly.Location, arguments, (Run.DirectoryVariable, _directory), (Run.SecretVariable, secret));
}
