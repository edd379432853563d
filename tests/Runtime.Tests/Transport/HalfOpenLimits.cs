using System.Net.Sockets;

namespace TypedShm.Tests.Transport;

/// <summary>How many clients may be in the middle of a handshake: the processes are made up, the sockets are real.</summary>
public sealed class HalfOpenLimits : IDisposable
{
    private readonly Socket _listener = RawEnd.NewSocket();
    private readonly List<Socket> _sockets = [];

    public HalfOpenLimits()
    {
        _listener.Bind(new UnixDomainSocketEndPoint($"\0typedshm-half-open-{Environment.ProcessId}"));
        _listener.Listen(1);
    }

    public void Dispose()
    {
        _sockets.ForEach(socket => socket.Dispose());
        _listener.Dispose();
    }

    [Theory]
    [InlineData(HalfOpenHandshakes.MaxPerProcess, 1, 1)]
    [InlineData(HalfOpenHandshakes.MaxPerUser, 8, 1)]
    [InlineData(HalfOpenHandshakes.Max, 8, 4)]
    public void Beyond_a_limit_the_one_that_was_silent_for_longest_is_ended(int limit, int processesOfAUser, int users)
    {
        HalfOpenHandshakes handshakes = new();
        List<HalfOpenHandshake> all = [];
        for (int i = 0; i < limit; i++)
            Assert.True(handshakes.Add(New(i)));
        Assert.DoesNotContain(all, handshake => handshake.WasEvicted);

        // The oldest one has spoken, so it is the second that makes room.
        _sockets[0].Send([1]);
        Assert.True(handshakes.Add(New(0)));

        Assert.Equal([all[1]], all.Where(handshake => handshake.WasEvicted));
        Assert.True(handshakes.Remove(all[0]));

        HalfOpenHandshake New(int i)
        {
            // As many of each user, and of each of his processes.
            int user = i % users;
            HalfOpenHandshake handshake =
                new(Connected(), new DescriptorSender(1 + user + (users * (i / users % processesOfAUser)), 1000 + (uint)user));
            all.Add(handshake);
            return handshake;
        }
    }

    // The client's end is at an even place of the list.
    private Socket Connected()
    {
        Socket client = RawEnd.NewSocket();
        client.Connect(_listener.LocalEndPoint!);
        Socket server = _listener.Accept();
        _sockets.Add(client);
        _sockets.Add(server);
        return server;
    }
}
