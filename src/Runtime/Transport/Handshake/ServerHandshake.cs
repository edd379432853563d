using System.Diagnostics.CodeAnalysis;
using TypedShm.Interop;
using TypedShm.Layout;
using TypedShm.Memory;

namespace TypedShm.Transport;

/// <summary>The server's side of one handshake: Hello → Welcome or Refuse → Attach → Ready. It waits on the calling thread.</summary>
/// <param name="client">The client.</param>
/// <param name="peer">Who it is.</param>
/// <param name="host">The channel.</param>
/// <param name="endpoint">Its name.</param>
/// <param name="deadline">Until when the client has to be ready.</param>
/// <param name="joining">
/// Held from the last look whether there is room for the client until it has joined, so that nothing is made for more clients than there
/// is room for.
/// </param>
internal sealed class ServerHandshake(
    HalfOpenHandshake client, PeerIdentity peer, IEndpointHost host, EndpointName endpoint, Deadline deadline, Lock joining)
{
    private readonly HandshakeSocket<BlockingWaiter> _socket = new(client.Socket, peer.Sender, deadline, CancellationToken.None);
    private bool _wasTold;

    /// <returns>The link, already the host's.</returns>
    public Link Run(PeerPolicy policy)
    {
        try
        {
            if (!Allows(policy))
                Refuse(RefusalReason.NotAllowed,
                    $"{peer} may not connect to '{endpoint}': the policy of its creator, ChannelOptions.AllowedPeers, allows {policy}.");
            if (DescriptorReaper.IsOverloadedBy(peer.Sender))
                throw new ProtocolException($"{peer} was turned away: descriptors that it sent before cannot be closed.");
            return Admit(ReceiveHello());
        }
        catch (Exception error)
        {
            Tell(error);
            throw;
        }
    }

    private bool Allows(PeerPolicy policy)
    {
        try
        {
            return policy.Allows(peer);
        }
        catch (Exception error)
        {
            Send(new RefuseMessage(RefusalReason.NotAllowed, $"The policy of its creator failed when it was asked about {peer}.", []));
            throw new SharedMemoryException(
                $"The policy threw when it was asked about {peer}, which was therefore turned away: {error.Message}", error);
        }
    }

    private HelloMessage ReceiveHello()
    {
        byte[] packet = Receive(acceptDescriptors: false).Packet;
        (_, ushort version) = HandshakeCodec.ReadHeader(packet);
        if (version != HandshakeCodec.Version)
            Refuse(RefusalReason.VersionMismatch, $"{peer} speaks version {version} of the protocol, but '{endpoint}' speaks version "
                + $"{HandshakeCodec.Version}. Use the same major version of TypedShm in both programs.");

        HelloMessage hello = HelloMessage.Decode(packet);
        CrashPoint.Reach(CrashStep.HelloReceived);
        if (!hello.TakesAny)
            CheckFits(hello);
        Consider(hello);
        return hello;
    }

    private void CheckFits(HelloMessage hello)
    {
        if (hello.Kind != host.Kind)
            Refuse(RefusalReason.KindMismatch, $"'{endpoint}' offers a channel of kind {host.Kind}, but {peer} opened it as "
                + $"{hello.Kind}. Open it with the factory that created it.");

        for (int i = 0; i < Math.Max(hello.Layouts.Length, host.Layouts.Length); i++)
        {
            if (i >= hello.Layouts.Length || i >= host.Layouts.Length)
                throw new ProtocolException($"{peer} stated {hello.Layouts.Length} layouts, but '{endpoint}' has {host.Layouts.Length}.");
            if (LayoutCompatibility.Fits(host.Layouts[i].Descriptor, hello.Layouts[i].Descriptor, host.LayoutsMayHaveGrown(hello.Role)))
                continue;

            Send(new RefuseMessage(RefusalReason.LayoutMismatch, "", host.Layouts));
            throw new LayoutMismatchException(endpoint.Name, peer.ToString(), host.Layouts[i].Descriptor, hello.Layouts[i].Descriptor);
        }
    }

    private void Consider(HelloMessage hello)
    {
        if (host.Consider(hello) is { } refusal)
            Refuse(refusal.Reason, $"{peer} was refused at '{endpoint}'. {refusal.Text}", refusal.Text);
    }

    private Link Admit(HelloMessage hello)
    {
        using Admission admission = host.Admit(hello);
        ControlWords? own = null;
        ControlWords? theirs = null;
        SocketLink link;
        try
        {
            // Two pages are all that a client costs before it has sent anything of its own, and half-open handshakes are few.
            own = ControlWords.Create(endpoint.ShortName, hello.Role == PeerRole.Observer);

            // step: switch.welcome. From here on the client may park; what that needs of publishers was arranged by Admit.
            // Its Attach brings descriptors, the only message to do so: it may send them from now until that has come.
            Native.AcceptDescriptors(client.Socket, accept: true);
            RegionOffer[] offers = [.. admission.Offers, new RegionOffer(own.Region, IsWritable: false)];
            Send(new WelcomeMessage(host.Abilities, admission.Parameters, host.Layouts, InfoOf(offers)), offers);
            CrashPoint.Reach(CrashStep.WelcomeSent);
            peer.LookUpCommand();
            theirs = ReceiveAttach(admission);
            CrashPoint.Reach(CrashStep.AttachReceived);
            if (!client.TryAttach())
                throw new PeerGoneException("The handshake was ended.", wasClosed: false);
            Native.AcceptDescriptors(client.Socket, accept: false);

            // From here a connection costs this side one descriptor, its socket.
            own.Region.CloseDescriptor();
            theirs.Region.CloseDescriptor();
            link = new SocketLink(client.Socket, own, theirs, peer, hello.Role, new LinkAbilities(host.Abilities, hello.Abilities));
        }
        catch
        {
            own?.Dispose();
            theirs?.Dispose();
            throw;
        }

        return Join(admission, hello, link);
    }

    private Link Join(Admission admission, HelloMessage hello, Link link)
    {
        try
        {
            RegionOffer[] offers;
            byte[] ready = [];
            bool isTold = false;
            lock (joining)
            {
                Consider(hello);
                offers = admission.MakeRegions();
                using OfferedDescriptors descriptors = new(offers);
                admission.Join(link, start =>
                {
                    CrashPoint.Reach(CrashStep.PeerVisible);
                    ready = HandshakeCodec.Encode(new ReadyMessage(start, InfoOf(offers)));
                    isTold = _socket.TrySend(ready, descriptors.All);
                    CrashPoint.Reach(CrashStep.ReadySent);
                });
            }

            link.Start(host);
            CrashPoint.Reach(CrashStep.PeerStarted);

            // Too many descriptors are in flight, or its queue is full: that passes, or the reason is found here.
            if (!isTold)
                Send(ready, offers);
            foreach (RegionOffer offer in offers)
                offer.Region.CloseDescriptor();
            return link;
        }
        catch (Exception error)
        {
            try
            {
                // While the socket is open.
                Tell(error);
            }
            finally
            {
                link.Dispose();
            }

            throw;
        }
    }

    private ControlWords ReceiveAttach(Admission admission)
    {
        (byte[] packet, SafeDescriptor[] descriptors) = Receive(acceptDescriptors: true);
        using ReceivedRegions received = new(descriptors);
        AttachMessage attach = AttachMessage.Decode(packet);
        RegionInfo[] stated = attach.Regions;
        admission.Kept = attach.Kept;
        admission.Attach(received, stated);
        return ControlWords.Attach(received.Take(stated.Length - 1), stated[^1].Size);
    }

    [DoesNotReturn]
    private void Refuse(RefusalReason reason, string message, string? text = null)
    {
        Send(new RefuseMessage(reason, text ?? message, []));
        throw new PeerRefusedException(reason, message) { IsSent = true };
    }

    /// <summary>Tells the client, once, why it is turned away.</summary>
    private void Tell(Exception error)
    {
        if (_wasTold || RefusalFor(error) is not { } refusal)
            return;
        _wasTold = true;
        Send(refusal);
    }

    // What the creator has run out of, the client may know; the rest is the creator's own business.
    private RefuseMessage? RefusalFor(Exception error) => error switch
    {
        ProtocolException or RegionInvalidException => new RefuseMessage(RefusalReason.Malformed, error.Message, []),
        PeerRefusedException { IsSent: false } refused => new RefuseMessage(refused.Reason, refused.Message, []),
        SystemCallException call => NoRoom($"{call.Call} failed with errno {call.Errno}"),
        MemoryLimitException limit => NoRoom($"{ByteSize.Of(limit.Needed)} are needed for it, more than there is memory"),
        _ => null,
    };

    private RefuseMessage NoRoom(string why) =>
        new(RefusalReason.Full, $"The creator of '{endpoint}' has no room for another peer: {why}, see its PeerRefused event.", []);

    private static RegionInfo[] InfoOf(RegionOffer[] offers) => [.. offers.Select(offer => offer.Info)];

    private void Send(IHandshakeMessage message, params RegionOffer[] offers) => Send(HandshakeCodec.Encode(message), offers);

    private void Send(byte[] packet, RegionOffer[] offers)
    {
        using OfferedDescriptors descriptors = new(offers);

        // Complete already, as is what Receive gets: a blocking waiter waits on this thread.
        _socket.Send(packet, descriptors.All).AsTask().GetAwaiter().GetResult();
    }

    private (byte[] Packet, SafeDescriptor[] Descriptors) Receive(bool acceptDescriptors) =>
        _socket.Receive(acceptDescriptors).AsTask().GetAwaiter().GetResult();
}
