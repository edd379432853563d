using System.Diagnostics;
using TypedShm.HostilePeer.Attacks;
using TypedShm.HostilePeer.Targets;

namespace TypedShm.HostilePeer.Raw;

/// <summary>What a server has said.</summary>
internal enum Answer
{
    Welcome,
    Refusal,
    Ready,
    HangUp,
    Silence,
    Other,
}

/// <summary>A connection to a server that is attacked, and what this side has made for it.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Input _input;
    private readonly List<IDisposable> _own = [];

    private RawClient(Input input, Endpoint endpoint, RawSocket socket)
    {
        _input = input;
        Endpoint = endpoint;
        Socket = socket;
    }

    public Endpoint Endpoint { get; }

    public RawSocket Socket { get; }

    /// <summary>What the Welcome said.</summary>
    public RawWelcome Welcome { get; private set; } = new(0, [], [], []);

    /// <summary>The regions that came with it, mapped.</summary>
    public List<RawMapping> Received { get; } = [];

    /// <summary>What this side has attached, the control words last.</summary>
    public RawRegion[] Attached { get; private set; } = [];

    public RawRegion Control => Attached[^1];

    /// <summary>Asks a server for its layouts, as who has none does.</summary>
    public static Endpoint Learn(Endpoint endpoint)
    {
        long begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun).TotalMilliseconds < RawSocket.Patience)
        {
            using RawSocket? socket = RawSocket.Connect(Run.PathOf(endpoint.Name), out _);
            if (socket is null)
                continue;
            RawLayout[] nobodys = endpoint.Name == "call" ? [RawLayout.Of("None"), RawLayout.Of("None")] : [RawLayout.Of("None")];
            socket.Send(Wire.HelloOf(endpoint.Kind, endpoint.Role, 0, nobodys));
            if (socket.Receive(out RawPacket packet) == Heard.Packet && Wire.TypeOf(packet.Bytes) == Wire.Refuse
                && Wire.ReadRefuse(packet.Bytes) is { Reason: 1, Layouts: { Length: > 0 } layouts })
                return endpoint with { Layouts = layouts };
        }

        throw new TimeoutException($"'{endpoint.Name}' does not tell its layouts.");
    }

    /// <returns>Null, and a violation, if nobody listens.</returns>
    public static RawClient? Connect(Input input, Endpoint endpoint)
    {
        long begun = Stopwatch.GetTimestamp();
        int errno;
        do
        {
            if (RawSocket.Connect(Run.PathOf(endpoint.Name), out errno) is { } socket)
            {
                input.Past(Step.Connected);
                return new RawClient(input, endpoint, socket);
            }

            // A queue that its writer made is made anew after each reader.
            Thread.Sleep(1);
        }
        while (Stopwatch.GetElapsedTime(begun).TotalMilliseconds < RawSocket.Patience);
        input.Hang($"nobody takes connections at '{endpoint.Name}': errno {errno}");
        return null;
    }

    /// <summary>Connects and says Hello as it should be.</summary>
    /// <returns>Null if that did not end in a Welcome.</returns>
    public static RawClient? Enter(Input input, Endpoint endpoint, uint abilities = 7)
    {
        RawClient? client = Connect(input, endpoint);
        if (client is null)
            return null;
        client.Socket.Send(endpoint.Hello(abilities));
        if (client.Hear() == Answer.Welcome)
            return client;
        client.Dispose();
        return null;
    }

    /// <summary>Connects and does everything as it should be done.</summary>
    /// <returns>Null if that did not end in Ready.</returns>
    public static RawClient? Open(Input input, Endpoint endpoint, uint abilities = 7)
    {
        RawClient? client = Enter(input, endpoint, abilities);
        if (client is null)
            return null;
        client.Attach();
        if (client.Hear() == Answer.Ready)
            return client;
        client.Dispose();
        return null;
    }

    /// <summary>Makes what has to be attached, as it should be.</summary>
    public RawRegion[] MakeAttachment()
    {
        Attached = [.. Endpoint.Attachment(Welcome).Select(shape => Keep(RawRegion.Make(shape)))];
        return Attached;
    }

    /// <summary>Attaches as it should be done.</summary>
    public void Attach()
    {
        RawRegion[] regions = MakeAttachment();
        Socket.Send(Wire.AttachOf([.. regions.Select(region => region.Info)]), [.. regions.Select(region => region.Descriptor)]);
        Array.ForEach(regions, region => region.CloseDescriptor());
    }

    /// <summary>Waits for the server's next word, and counts it.</summary>
    public Answer Hear()
    {
        Heard heard = Socket.Receive(out RawPacket packet);
        try
        {
            switch (heard)
            {
                case Heard.HangUp:
                    _input.Outcome("hung up");
                    return Answer.HangUp;
                case Heard.Silence:
                    _input.Hang($"'{Endpoint.Name}' neither answered nor hung up");
                    return Answer.Silence;
            }

            switch (Wire.TypeOf(packet.Bytes))
            {
                case Wire.Welcome:
                    Welcome = Wire.ReadWelcome(packet.Bytes);
                    Take(Welcome.Regions, packet.Descriptors);
                    packet = packet with { Descriptors = [] };
                    _input.Past(Step.Hello);
                    _input.Outcome("welcomed");
                    return Answer.Welcome;
                case Wire.Ready:
                    _input.Past(Step.Open);
                    _input.Outcome("ready");
                    Take(Wire.ReadReady(packet.Bytes).Regions, packet.Descriptors);
                    packet = packet with { Descriptors = [] };
                    return Answer.Ready;
                case Wire.Refuse:
                    (uint reason, string text, _) = Wire.ReadRefuse(packet.Bytes);
                    _input.Outcome($"refused: {Input.ReasonOf(reason)}");
                    _input.Require(text.Length > 0 || reason == 1, $"'{Endpoint.Name}' refused for reason {reason} without a word");
                    return Answer.Refusal;
                default:
                    return Answer.Other;
            }
        }
        finally
        {
            packet.Close();
        }
    }

    /// <summary>A violation if the server does not end the connection, of which it has found that a rule was broken.</summary>
    public void ExpectHangUp(string why)
    {
        if (Socket.WaitForHangUp())
            _input.Outcome("hung up: a rule was broken");
        else
            _input.Violation($"'{Endpoint.Name}' goes on with who {why}");
    }

    public T Keep<T>(T own)
        where T : IDisposable
    {
        _own.Add(own);
        return own;
    }

    public void Dispose()
    {
        Socket.Dispose();
        _own.ForEach(own => own.Dispose());
    }

    private void Take(RawInfo[] regions, int[] descriptors) =>
        Received.AddRange(regions.Zip(descriptors, (region, descriptor) => Keep(new RawMapping(descriptor, region))));
}
