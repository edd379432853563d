using TypedShm.HostilePeer.Raw;

namespace TypedShm.HostilePeer.Attacks;

/// <summary>How far an input came.</summary>
internal enum Step
{
    /// <summary>There was a connection.</summary>
    Connected,

    /// <summary>The other side took the first message for good: a server has welcomed, a client has attached.</summary>
    Hello,

    /// <summary>The connection was open: a server has said Ready, a client was told so.</summary>
    Open,
}

/// <summary>One hostile input, under way.</summary>
/// <param name="attacker">The process that it comes from.</param>
/// <param name="kind">What it is.</param>
/// <param name="number">Its number in the run, which decides everything about it.</param>
internal sealed class Input(Attacker attacker, Attack kind, long number)
{
    private bool _isPastHello;

    public Random Random { get; } = attacker.RandomOf(number);

    public Attacker Attacker => attacker;

    /// <summary>Any of the servers.</summary>
    public Endpoint AnyServer() => attacker.Endpoints[Random.Next(attacker.Endpoints.Length)];

    /// <summary>One of these servers.</summary>
    public Endpoint Server(params ReadOnlySpan<string> names)
    {
        string name = names[Random.Next(names.Length)];
        return attacker.Endpoints.Single(endpoint => endpoint.Name == name);
    }

    /// <summary>Counts what became of it.</summary>
    public void Outcome(string outcome) => attacker.Tally.Outcome(kind.Name, outcome);

    /// <summary>Counts how far it came; each step once.</summary>
    public void Past(Step step)
    {
        if (step == Step.Hello && _isPastHello)
            return;
        _isPastHello |= step == Step.Hello;
        attacker.Tally.Step(kind.Name, step);
    }

    /// <summary>The other side has done what it must not.</summary>
    public void Violation(string what) => attacker.Tally.Violation($"input {number} ({kind.Name}): {what}");

    /// <summary>The other side does not go on.</summary>
    public void Hang(string what)
    {
        attacker.Tally.Hangs++;
        Violation(what);
    }

    /// <summary>A violation if something was accepted that no rule allows.</summary>
    public void Require(bool holds, string what)
    {
        if (!holds)
            Violation(what);
    }

    /// <summary>The name of a reason for a refusal, as the protocol has it.</summary>
    public static string ReasonOf(uint reason) => reason switch
    {
        0 => "no reason",
        1 => "layouts differ",
        2 => "another kind",
        3 => "policy",
        4 => "version",
        5 => "full",
        6 => "others may not write",
        7 => "no such role",
        8 => "malformed",
        _ => $"reason {reason}",
    };
}

/// <summary>A server that is attacked.</summary>
/// <param name="Name">The name of its endpoint.</param>
/// <param name="Kind">The kind of channel.</param>
/// <param name="Role">The role that its clients have.</param>
/// <param name="Layouts">What its clients have to state.</param>
internal sealed record Endpoint(string Name, ushort Kind, ushort Role, RawLayout[] Layouts)
{
    public const ushort Reader = 1;
    public const ushort Writer = 2;
    public const ushort Observer = 3;

    /// <summary>Without layouts, which the server tells whoever has none.</summary>
    public static Endpoint[] Unknown =>
    [
        new("struct", 1, Reader, []), new("struct-write", 1, Writer, []), new("state", 2, Reader, []), new("table", 3, Reader, []),
        new("queue-in", 4, Writer, []), new("queue-out", 4, Reader, []), new("broadcast", 5, Reader, []), new("lossless", 5, Reader, []),
        new("call", 6, Writer, []),
    ];

    /// <summary>A Hello that keeps the rules.</summary>
    public byte[] Hello(uint abilities = 7) => Wire.HelloOf(Kind, Role, abilities, Layouts);

    /// <summary>What a client of it has to attach: its lane, if it brings one, then its control words.</summary>
    public RawShape[] Attachment(RawWelcome welcome) => Name switch
    {
        "queue-in" => [RawShape.Lane(Layouts[0], welcome.Parameters), RawShape.Control()],
        "call" => [RawShape.Requests(Layouts[0], welcome.Parameters), RawShape.Control()],
        _ => [RawShape.Control()],
    };
}
