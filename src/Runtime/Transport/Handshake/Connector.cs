using System.Net.Sockets;
using TypedShm.Interop;
using TypedShm.Layout;
using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>Finds an endpoint, waiting for it to appear, and does the client's side of the handshake.</summary>
internal static class Connector
{
    // Of a client that waits for no endpoint, but for the answer of the one that is there.
    private static readonly TimeSpan s_answerTime = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMilliseconds(50);

    /// <exception cref="TimeoutException">The endpoint did not appear, or did not answer, before the deadline.</exception>
    public static async ValueTask<ConnectResult> Connect<THandshakeWaiter>(
        EndpointName endpoint, ConnectRequest request, Deadline deadline, CancellationToken cancellationToken)
        where THandshakeWaiter : struct, IHandshakeWaiter
    {
        TimeSpan pause = s_firstPause;
        Deadline answer = deadline.IsOver ? Deadline.After(s_answerTime) : deadline;
        string obstacle;
        while (true)
        {
            Socket? socket = TryConnect(endpoint, out obstacle);
            if (socket is not null)
            {
                try
                {
                    return await Handshake<THandshakeWaiter>(socket, endpoint, request, answer, cancellationToken).ConfigureAwait(false);
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
                throw new TimeoutException($"The endpoint '{endpoint}'{(endpoint.Path is null ? "" : $" ({endpoint.Path})")} could not "
                    + $"be opened in time: {obstacle}. Start the process that creates it, check that both use the same name, user and "
                    + "TYPEDSHM_DIR, or allow more time.");
            TimeSpan left = deadline.Remaining;
            await default(THandshakeWaiter).Pause(left >= TimeSpan.Zero && left < pause ? left : pause, cancellationToken)
                .ConfigureAwait(false);
            pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
        }
    }

    private static Socket? TryConnect(EndpointName endpoint, out string obstacle)
    {
        Socket socket = UnixSocket.New();
        try
        {
            socket.Blocking = false;

            // Until it is known who the creator is, see EndpointSocket.
            Native.AcceptDescriptors(socket, accept: false);
            socket.Connect(endpoint.Address);
            obstacle = "";
            return socket;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            obstacle = error.SocketErrorCode switch
            {
                SocketError.AddressNotAvailable => "nobody has created it",
                SocketError.ConnectionRefused => "its process has ended and no other has taken its place",
                SocketError.WouldBlock or SocketError.TryAgain => "more clients are waiting than its process lets in",
                SocketError.AccessDenied => throw new PeerRefusedException(RefusalReason.NotAllowed,
                    $"This process, of user {Native.UserId}, may not connect to '{endpoint}' ({endpoint.Path}): its creator allows "
                    + "other users only (ChannelOptions.AllowedPeers), or a directory above it is closed to this user."),
                _ => throw new SharedMemoryException($"The endpoint '{endpoint}' ({endpoint.Path ?? "abstract"}) cannot be connected "
                    + $"to: {error.Message}. Check that it was made by TypedShm.", error),
            };
            return null;
        }
    }

    private static async ValueTask<ConnectResult> Handshake<THandshakeWaiter>(
        Socket socket, EndpointName endpoint, ConnectRequest request, Deadline deadline, CancellationToken cancellationToken)
        where THandshakeWaiter : struct, IHandshakeWaiter
    {
        ControlWords? own = null;
        ControlWords? theirs = null;
        ClientRegions? regions = null;
        SocketPoller? poller = null;
        bool isOffered = false;
        DescriptorSender sender = default;
        try
        {
            PeerIdentity server = PeerIdentity.Of(socket);
            sender = server.Sender;
            if (!request.Options.AllowedOwner.Allows(server))
                throw new PeerRefusedException(RefusalReason.NotAllowed, $"The endpoint '{endpoint}' was created by {server}, but the "
                    + $"policy of this side, OpenOptions.AllowedOwner, allows {request.Options.AllowedOwner}. Nothing was sent.");

            HandshakeSocket<THandshakeWaiter> handshake = new(socket, sender, deadline, cancellationToken);
            WaitAbilities abilities = await default(THandshakeWaiter)
                .WaitFor(WaitAbility.Of(request.Options.Wait, request.Options.Fence), cancellationToken).ConfigureAwait(false);

            // Welcome and Ready bring descriptors: the server may send them from now until Ready has come.
            Native.AcceptDescriptors(socket, accept: true);
            await handshake.Send(HandshakeCodec.Encode(new HelloMessage(request.Kind, request.Role, abilities, request.Layouts)
            {
                Producer = request.Producer?.Name,
            })).ConfigureAwait(false);
            CrashPoint.Reach(CrashStep.HelloSent);

            // What this side needs of its own, while the server makes its Welcome: the thread of the sockets may have to be started.
            server.LookUpCommand();
            own = ControlWords.Create(endpoint.ShortName, request.Role == PeerRole.Observer);
            poller = SocketPoller.Hold();
            (byte[] packet, SafeDescriptor[] descriptors) = await handshake.Receive(acceptDescriptors: true).ConfigureAwait(false);
            CrashPoint.Reach(CrashStep.WelcomeReceived);
            WelcomeMessage welcome;
            using (ReceivedRegions received = new(descriptors))
            {
                welcome = ReadAnswer(packet, endpoint, request, server);
                if (welcome.Regions is not [.., { Kind: RegionKind.Control } control])
                    throw new ProtocolException($"{server} sent no control region with its welcome.");

                request.Options.CheckMemory(endpoint, server, welcome.Regions);
                regions = request.Attach(received, welcome);
                theirs = ControlWords.Attach(received.Take(welcome.Regions.Length - 1), control.Size);
            }

            CrashPoint.Reach(CrashStep.RegionsMapped);
            isOffered = true;
            await SendAttach(handshake, [.. regions.Own, own.Region], regions.Kept?.Position).ConfigureAwait(false);
            CrashPoint.Reach(CrashStep.AttachSent);

            (packet, descriptors) = await handshake.Receive(acceptDescriptors: true).ConfigureAwait(false);
            ReadyMessage ready;
            using (ReceivedRegions received = new(descriptors))
            {
                ThrowIfRefused(packet, endpoint, request, server);
                ready = ReadyMessage.Decode(packet);
                request.Options.CheckMemory(endpoint, server, ready.Regions);
                request.AttachReady(received, ready, regions.Memory);
            }

            CrashPoint.Reach(CrashStep.ReadyReceived);
            Native.AcceptDescriptors(socket, accept: false);
            // From here a connection costs this side one descriptor, its socket.
            foreach (SharedRegion region in (SharedRegion[])[.. regions.KeepsDescriptors ? [] : regions.Own, own.Region, theirs.Region])
                region.CloseDescriptor();
            return new ConnectResult(new SocketLink(socket, own, theirs, server, request.Role,
                new LinkAbilities(abilities, welcome.Abilities)), regions, ready.Start);
        }
        catch
        {
            SocketCloser.Close(socket, sender);
            own?.Dispose();
            theirs?.Dispose();
            if (isOffered)
                regions?.Kept?.NoteOffered();
            regions?.Dispose();
            throw;
        }
        finally
        {
            // The link holds it, if there is one.
            poller?.Release();
        }
    }

    private static async ValueTask SendAttach<THandshakeWaiter>(
        HandshakeSocket<THandshakeWaiter> handshake, SharedRegion[] regions, LanePosition? kept)
        where THandshakeWaiter : struct, IHandshakeWaiter
    {
        RegionOffer[] offers = [.. regions.Select(region => new RegionOffer(region, IsWritable: false))];
        using OfferedDescriptors descriptors = new(offers);
        AttachMessage attach = new([.. offers.Select(offer => offer.Info)]) { Kept = kept };
        await handshake.Send(HandshakeCodec.Encode(attach), descriptors.All).ConfigureAwait(false);
    }

    private static WelcomeMessage ReadAnswer(byte[] packet, EndpointName endpoint, ConnectRequest request, PeerIdentity server)
    {
        ThrowIfRefused(packet, endpoint, request, server);
        WelcomeMessage welcome = WelcomeMessage.Decode(packet);
        ThrowIfDifferent(welcome.Layouts, endpoint, request, server);
        return welcome;
    }

    private static void ThrowIfRefused(byte[] packet, EndpointName endpoint, ConnectRequest request, PeerIdentity server)
    {
        (MessageType type, ushort version) = HandshakeCodec.ReadHeader(packet);
        if (type == MessageType.Refuse)
        {
            RefuseMessage refusal = RefuseMessage.Decode(packet);
            if (refusal.Reason == RefusalReason.LayoutMismatch)
                ThrowIfDifferent(refusal.Layouts, endpoint, request, server);
            throw new PeerRefusedException(refusal.Reason, $"{server} refused the connection to '{endpoint}'. {refusal.Text}");
        }

        if (version != HandshakeCodec.Version)
            throw new PeerRefusedException(RefusalReason.VersionMismatch, $"{server} at '{endpoint}' speaks version {version} of the "
                + $"protocol, this process version {HandshakeCodec.Version}. Use the same major version of TypedShm in both programs.");
    }

    private static void ThrowIfDifferent(LayoutAdvertisement[] stated, EndpointName endpoint, ConnectRequest request, PeerIdentity server)
    {
        if (request.TakesAny)
            return;
        if (stated.Length != request.Layouts.Length)
            throw new ProtocolException(
                $"{server} at '{endpoint}' stated {stated.Length} layouts, but {request.Layouts.Length} were expected.");
        for (int i = 0; i < stated.Length; i++)
        {
            if (!LayoutCompatibility.Fits(request.Layouts[i].Descriptor, stated[i].Descriptor, request.LayoutsMayHaveGrown))
                throw new LayoutMismatchException(endpoint.Name, server.ToString(), request.Layouts[i].Descriptor, stated[i].Descriptor);
        }
    }
}
