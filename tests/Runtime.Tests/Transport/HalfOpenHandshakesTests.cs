using System.Net.Sockets;
using Tmds.Linux;

namespace TypedShm.Tests.Transport;

/// <summary>
/// How many clients may be in the middle of a handshake: where there are too many, the one that has been silent for longest goes.
/// </summary>
public sealed class HalfOpenHandshakesTests
{
    [Fact]
    public void One_process_keeps_no_more_open_than_its_share()
    {
        HalfOpenHandshakes handshakes = new();
        using Clients clients = new();
        HalfOpenHandshake[] first = [.. Enumerable.Range(0, HalfOpenHandshakes.MaxPerProcess).Select(_ => clients.Of(user: 1, process: 1))];
        Assert.All(first, client => Assert.True(handshakes.Add(client)));
        Assert.DoesNotContain(first, client => client.WasEvicted);

        Assert.True(handshakes.Add(clients.Of(user: 1, process: 1)));
        HalfOpenHandshake ofAnother = clients.Of(user: 1, process: 2);
        Assert.True(handshakes.Add(ofAnother));

        Assert.Same(first[0], Assert.Single(first, client => client.WasEvicted));
        Assert.False(ofAnother.WasEvicted);
    }

    [Fact]
    public void One_user_keeps_no_more_open_than_its_share()
    {
        HalfOpenHandshakes handshakes = new();
        using Clients clients = new();
        HalfOpenHandshake[] all = [.. Enumerable.Range(0, HalfOpenHandshakes.MaxPerUser + 1).Select(i => clients.Of(user: 1, process: i))];
        Array.ForEach(all, client => handshakes.Add(client));
        Assert.Same(all[0], Assert.Single(all, client => client.WasEvicted));
    }

    /// <summary>Connections on which nothing is said.</summary>
    private sealed class Clients : IDisposable
    {
        private readonly List<Socket> _sockets = [];

        public unsafe HalfOpenHandshake Of(uint user, int process)
        {
            int* pair = stackalloc int[2];
            Assert.Equal(0, LibC.socketpair(LibC.AF_UNIX, LibC.SOCK_SEQPACKET | LibC.SOCK_CLOEXEC, 0, pair));
            Socket[] ends = [new(new SafeSocketHandle(pair[0], ownsHandle: true)), new(new SafeSocketHandle(pair[1], ownsHandle: true))];
            _sockets.AddRange(ends);
            return new HalfOpenHandshake(ends[0], new DescriptorSender(process, user));
        }

        public void Dispose() => _sockets.ForEach(socket => socket.Dispose());
    }
}
