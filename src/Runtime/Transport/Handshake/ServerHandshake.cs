using System.Net.Sockets;
using TypedShm.Interop;
using TypedShm.Layout;
using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>The server's side of the handshake: Hello → Welcome or Refuse → Attach → Ready.</summary>
internal static class ServerHandshake
{
    /// <returns>The link, already the host's.</returns>
    public static async Task<Link> Run(Socket socket, PeerIdentity peer, IEndpointHost host, PeerPolicy policy, EndpointName endpoint, Deadline deadline, CancellationToken cancellationToken)
    {
        HandshakeSocket<AsyncWaiter> handshake = new(socket, deadline, cancellationToken);
        if (!await Allows(policy, peer, handshake).ConfigureAwait(false))
        {
            string why = $"{peer} may not connect to '{endpoint}': the policy of its creator allows {policy}.";
            await handshake.Send(HandshakeCodec.Encode(new RefuseMessage(RefusalReason.NotAllowed, why, []))).ConfigureAwait(false);
            throw new PeerRefusedException(RefusalReason.NotAllowed, why);
        }

        try
        {
            if (DescriptorReaper.IsOverloaded)
                throw new ProtocolException($"{peer} was turned away: descriptors that earlier clients sent cannot be closed.");
            HelloMessage hello = await ReceiveHello(handshake, host, peer, endpoint).ConfigureAwait(false);
            return await Admit(handshake, hello, socket, peer, host, endpoint).ConfigureAwait(false);
        }
        catch (Exception error) when (error is ProtocolException or RegionInvalidException)
        {
            await handshake.Send(HandshakeCodec.Encode(new RefuseMessage(RefusalReason.Malformed, error.Message, []))).ConfigureAwait(false);
            throw;
        }
    }

    private static async ValueTask<bool> Allows(PeerPolicy policy, PeerIdentity peer, HandshakeSocket<AsyncWaiter> handshake)
    {
        try
        {
            return policy.Allows(peer);
        }
        catch (Exception error)
        {
            // The details are the creator's own business.
            await handshake.Send(HandshakeCodec.Encode(new RefuseMessage(RefusalReason.NotAllowed, $"The policy of its creator failed when it was asked about {peer}.", []))).ConfigureAwait(false);
            throw new SharedMemoryException($"The policy threw when it was asked about {peer}, which was therefore turned away: {error.Message}", error);
        }
    }

    private static async Task<HelloMessage> ReceiveHello(HandshakeSocket<AsyncWaiter> handshake, IEndpointHost host, PeerIdentity peer, EndpointName endpoint)
    {
        // Received without a control buffer: whatever descriptors a stranger sends along, the kernel drops them itself.
        (byte[] packet, _) = await handshake.Receive(acceptDescriptors: false).ConfigureAwait(false);
        (_, ushort version) = HandshakeCodec.ReadHeader(packet);
        if (version != HandshakeCodec.Version)
            await Refuse(new RefuseMessage(RefusalReason.VersionMismatch, $"{peer} speaks version {version} of the protocol, but '{endpoint}' speaks version {HandshakeCodec.Version}. Use the same major version of TypedShm in both programs.", [])).ConfigureAwait(false);

        HelloMessage hello = HandshakeCodec.DecodeHello(packet);
        if (hello.Kind != host.Kind)
            await Refuse(new RefuseMessage(RefusalReason.KindMismatch, $"'{endpoint}' offers a channel of kind {host.Kind}, but {peer} opened it as {hello.Kind}. Open it with the factory that created it.", [])).ConfigureAwait(false);

        for (int i = 0; i < Math.Max(hello.Layouts.Length, host.Layouts.Length); i++)
        {
            if (i >= hello.Layouts.Length || i >= host.Layouts.Length)
                throw new ProtocolException($"{peer} stated {hello.Layouts.Length} layouts, but '{endpoint}' has {host.Layouts.Length}.");
            if (LayoutCompatibility.Fits(host.Layouts[i].Descriptor, hello.Layouts[i].Descriptor, host.LayoutsMayHaveGrown(hello.Role)))
                continue;

            await handshake.Send(HandshakeCodec.Encode(new RefuseMessage(RefusalReason.LayoutMismatch, "", host.Layouts))).ConfigureAwait(false);
            throw new LayoutMismatchException(endpoint.Name, peer.ToString(), host.Layouts[i].Descriptor, hello.Layouts[i].Descriptor);
        }

        if (host.Consider(hello) is { } refusal)
            await Refuse(refusal).ConfigureAwait(false);
        return hello;

        async Task Refuse(RefuseMessage refusal)
        {
            await handshake.Send(HandshakeCodec.Encode(refusal)).ConfigureAwait(false);
            throw new PeerRefusedException(refusal.Reason, $"{peer} was refused at '{endpoint}'. {refusal.Text}");
        }
    }

    private static async Task<Link> Admit(HandshakeSocket<AsyncWaiter> handshake, HelloMessage hello, Socket socket, PeerIdentity peer, IEndpointHost host, EndpointName endpoint)
    {
        using Admission admission = host.Admit(hello);
        ControlWords? own = null;
        ControlWords? theirs = null;
        try
        {
            own = ControlWords.Create(endpoint.ShortName);
            // step: switch.welcome. From here on the client may park; what that needs of publishers was arranged by Admit.
            await SendWelcome(handshake, host, admission, own).ConfigureAwait(false);
            theirs = await ReceiveAttach(handshake, admission).ConfigureAwait(false);
        }
        catch
        {
            own?.Dispose();
            throw;
        }

        // From here a connection costs this side one descriptor, its socket.
        own.Region.CloseDescriptor();
        theirs.Region.CloseDescriptor();
        SocketLink link = new(socket, own, theirs, peer, hello.Role, new LinkAbilities(host.Abilities, hello.Abilities));
        try
        {
            ulong start = admission.Join(link);
            link.Start(host);
            await handshake.Send(HandshakeCodec.Encode(new ReadyMessage(start))).ConfigureAwait(false);
            return link;
        }
        catch (Exception error)
        {
            if (error is PeerRefusedException refused)
                await handshake.Send(HandshakeCodec.Encode(new RefuseMessage(refused.Reason, refused.Message, []))).ConfigureAwait(false);
            link.Dispose();
            throw;
        }
    }

    private static async Task SendWelcome(HandshakeSocket<AsyncWaiter> handshake, IEndpointHost host, Admission admission, ControlWords own)
    {
        RegionOffer[] offers = [.. admission.Offers, new RegionOffer(own.Region, IsWritable: false)];
        List<SafeDescriptor> descriptors = [];
        try
        {
            foreach (RegionOffer offer in offers)
                descriptors.Add(offer.Region.DescriptorForPeer(offer.IsWritable));
            WelcomeMessage welcome = new(host.Abilities, admission.Parameters, host.Layouts, [.. offers.Select(offer => offer.Info)]);
            await handshake.Send(HandshakeCodec.Encode(welcome), [.. descriptors]).ConfigureAwait(false);
        }
        finally
        {
            // Sent or not: what the peer gets are descriptors of its own.
            descriptors.ForEach(descriptor => descriptor.Dispose());
        }
    }

    private static async Task<ControlWords> ReceiveAttach(HandshakeSocket<AsyncWaiter> handshake, Admission admission)
    {
        (byte[] packet, SafeDescriptor[] descriptors) = await handshake.Receive(acceptDescriptors: true).ConfigureAwait(false);
        using ReceivedRegions received = new(descriptors);
        RegionInfo[] stated = HandshakeCodec.DecodeAttach(packet).Regions;
        admission.Attach(received, stated);
        return ControlWords.Attach(received.Take(stated.Length - 1), stated[^1].Size);
    }
}
