using System.Net.Sockets;
using TypedShm.Interop;
using TypedShm.Layout;
using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>What a client wants of an endpoint.</summary>
/// <param name="Kind">The kind of channel.</param>
/// <param name="Role">What it wants to be.</param>
/// <param name="Layouts">The layouts that it was compiled with.</param>
/// <param name="Options">How it was opened.</param>
/// <param name="Attach">Maps the regions of the channel, taking their descriptors, after checking that they are what is expected.</param>
internal sealed record ConnectRequest(
    ChannelKind Kind, PeerRole Role, LayoutAdvertisement[] Layouts, OpenOptions Options, Func<ReceivedRegions, WelcomeMessage, ClientRegions> Attach)
{
    /// <summary>Whether the server's layouts may have fewer or more fields at their end, see <see cref="LayoutCompatibility"/>.</summary>
    public bool LayoutsMayHaveGrown { get; init; }
}

/// <summary>The regions of a channel that a client has: those that it got, and those that it made for the server.</summary>
internal sealed record ClientRegions(SharedRegion[] Received, SharedRegion[] Own) : IDisposable
{
    public static ClientRegions None { get; } = new([], []);

    public void Dispose()
    {
        foreach (SharedRegion region in (SharedRegion[])[.. Received, .. Own])
            region.Dispose();
    }
}

/// <summary>An open connection of a client.</summary>
/// <param name="Link">The connection.</param>
/// <param name="Regions">The regions of the channel.</param>
/// <param name="Parameters">What the creator chose.</param>
/// <param name="Start">The position to start from, for channels that have positions.</param>
internal sealed record ConnectResult(Link Link, ClientRegions Regions, long[] Parameters, ulong Start);

/// <summary>Finds an endpoint, waiting for it to appear, and does the client's side of the handshake.</summary>
internal static class Connector
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(50);

    /// <exception cref="TimeoutException">The endpoint did not appear, or did not answer, before the deadline.</exception>
    public static async ValueTask<ConnectResult> Connect<THandshakeWaiter>(EndpointName endpoint, ConnectRequest terms, Deadline deadline, CancellationToken cancellationToken)
        where THandshakeWaiter : struct, IHandshakeWaiter
    {
        TimeSpan pause = s_firstPause;
        string obstacle;
        while (true)
        {
            Socket? socket = TryConnect(endpoint, out obstacle);
            if (socket is not null)
            {
                try
                {
                    return await Handshake<THandshakeWaiter>(socket, endpoint, terms, deadline, cancellationToken).ConfigureAwait(false);
                }
                catch (PeerGoneException)
                {
                    // It ended, or was restarted, while it was talking to us.
                    obstacle = "its process hung up during the handshake";
                }
                catch (TimeoutException)
                {
                    obstacle = "its process took the connection but did not answer (is it stopped, or in a debugger?)";
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (deadline.IsOver)
                throw new TimeoutException($"The endpoint '{endpoint}'{(endpoint.Path is null ? "" : $" ({endpoint.Path})")} could not be opened in time: {obstacle}. Start the process that creates it, check that both use the same name, user and TYPEDSHM_DIR, or allow more time.");
            TimeSpan left = deadline.Remaining;
            await default(THandshakeWaiter).Pause(left >= TimeSpan.Zero && left < pause ? left : pause, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    private static Socket? TryConnect(EndpointName endpoint, out string obstacle)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified) { Blocking = false };
            socket.Connect(endpoint.Address);
            obstacle = "";
            return socket;
        }
        catch (SocketException error)
        {
            socket?.Dispose();
            obstacle = error.SocketErrorCode switch
            {
                SocketError.AddressNotAvailable => "nobody has created it",
                SocketError.ConnectionRefused => "its process has ended and no other has taken its place",
                SocketError.WouldBlock or SocketError.TryAgain => "more clients are waiting than its process lets in",
                SocketError.AccessDenied => throw new PeerRefusedException(RefusalReason.NotAllowed, $"This process, of user {Native.UserId}, may not connect to '{endpoint}' ({endpoint.Path}): its creator allows other users only, or a directory above it is closed to this user."),
                _ => throw new SharedMemoryException($"The endpoint '{endpoint}' ({endpoint.Path ?? "abstract"}) cannot be connected to: {error.Message}. Check that it was made by TypedShm.", error),
            };
            return null;
        }
    }

    private static async ValueTask<ConnectResult> Handshake<THandshakeWaiter>(Socket socket, EndpointName endpoint, ConnectRequest terms, Deadline deadline, CancellationToken cancellationToken)
        where THandshakeWaiter : struct, IHandshakeWaiter
    {
        ControlWords? own = null;
        ControlWords? theirs = null;
        ClientRegions regions = ClientRegions.None;
        try
        {
            PeerIdentity server = PeerIdentity.Of(socket);
            if (!terms.Options.AllowedOwner.Allows(server))
                throw new PeerRefusedException(RefusalReason.NotAllowed, $"The endpoint '{endpoint}' was created by {server}, but the policy of this side allows {terms.Options.AllowedOwner}. Nothing was sent.");

            HandshakeSocket<THandshakeWaiter> handshake = new(socket, deadline, cancellationToken);
            WaitAbilities abilities = await default(THandshakeWaiter).WaitFor(WaitAbility.Of(terms.Options.Wait, terms.Options.Fence), cancellationToken).ConfigureAwait(false);
            await handshake.Send(HandshakeCodec.Encode(new HelloMessage(terms.Kind, terms.Role, abilities, terms.Layouts))).ConfigureAwait(false);

            (byte[] packet, SafeDescriptor[] descriptors) = await handshake.Receive(acceptDescriptors: true).ConfigureAwait(false);
            WelcomeMessage welcome;
            using (ReceivedRegions received = new(descriptors))
            {
                welcome = ReadAnswer(packet, endpoint, terms, server);
                if (welcome.Regions is not [.., { Kind: RegionKind.Control } control])
                    throw new ProtocolException($"{server} sent no control region with its welcome.");

                regions = terms.Attach(received, welcome);
                theirs = ControlWords.Attach(received.Take(welcome.Regions.Length - 1), control.Size);
            }

            own = ControlWords.Create(endpoint.ShortName);
            await SendAttach(handshake, [.. regions.Own, own.Region]).ConfigureAwait(false);

            (packet, _) = await handshake.Receive(acceptDescriptors: false).ConfigureAwait(false);
            ThrowIfRefused(packet, endpoint, terms, server);
            ulong start = HandshakeCodec.DecodeReady(packet).Start;

            own.Region.CloseDescriptor();
            theirs.Region.CloseDescriptor();
            return new ConnectResult(new SocketLink(socket, own, theirs, server, terms.Role, new LinkAbilities(abilities, welcome.Abilities)), regions, welcome.Parameters, start);
        }
        catch
        {
            socket.Dispose();
            own?.Dispose();
            theirs?.Dispose();
            regions.Dispose();
            throw;
        }
    }

    private static async ValueTask SendAttach<THandshakeWaiter>(HandshakeSocket<THandshakeWaiter> handshake, SharedRegion[] regions)
        where THandshakeWaiter : struct, IHandshakeWaiter
    {
        SafeDescriptor[] descriptors = [.. regions.Select(region => region.DescriptorForPeer(writable: false))];
        try
        {
            AttachMessage attach = new([.. regions.Select(region => new RegionOffer(region, IsWritable: false).Info)]);
            await handshake.Send(HandshakeCodec.Encode(attach), descriptors).ConfigureAwait(false);
        }
        finally
        {
            // Sent or not: what the peer gets are descriptors of its own.
            foreach (SafeDescriptor descriptor in descriptors)
                descriptor.Dispose();
        }
    }

    private static WelcomeMessage ReadAnswer(byte[] packet, EndpointName endpoint, ConnectRequest terms, PeerIdentity server)
    {
        ThrowIfRefused(packet, endpoint, terms, server);
        WelcomeMessage welcome = HandshakeCodec.DecodeWelcome(packet);
        ThrowIfDifferent(welcome.Layouts, endpoint, terms, server);
        return welcome;
    }

    private static void ThrowIfRefused(byte[] packet, EndpointName endpoint, ConnectRequest terms, PeerIdentity server)
    {
        (MessageType type, ushort version) = HandshakeCodec.ReadHeader(packet);
        if (type == MessageType.Refuse)
        {
            RefuseMessage refusal = HandshakeCodec.DecodeRefuse(packet);
            if (refusal.Reason == RefusalReason.LayoutMismatch)
                ThrowIfDifferent(refusal.Layouts, endpoint, terms, server);
            throw new PeerRefusedException(refusal.Reason, $"{server} refused the connection to '{endpoint}'. {refusal.Text}");
        }

        if (version != HandshakeCodec.Version)
            throw new PeerRefusedException(RefusalReason.VersionMismatch, $"{server} at '{endpoint}' speaks version {version} of the protocol, this process version {HandshakeCodec.Version}. Use the same major version of TypedShm in both programs.");
    }

    private static void ThrowIfDifferent(LayoutAdvertisement[] stated, EndpointName endpoint, ConnectRequest terms, PeerIdentity server)
    {
        if (stated.Length != terms.Layouts.Length)
            throw new ProtocolException($"{server} at '{endpoint}' stated {stated.Length} layouts, but {terms.Layouts.Length} were expected.");
        for (int i = 0; i < stated.Length; i++)
        {
            if (!LayoutCompatibility.Fits(terms.Layouts[i].Descriptor, stated[i].Descriptor, terms.LayoutsMayHaveGrown))
                throw new LayoutMismatchException(endpoint.Name, server.ToString(), terms.Layouts[i].Descriptor, stated[i].Descriptor);
        }
    }
}
