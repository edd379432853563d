using Xunit;

namespace TypedShm.Channels.Tests.Observing;

/// <summary>What the tests of observers share: a creator in another process.</summary>
public abstract class ObserverTest
{
    /// <summary>A creator that offers a channel, see Offers of ChannelPeer.</summary>
    private protected static Peer Offer(string name, string kind)
    {
        Peer peer = ChannelPeer.Start("offer", name, kind);
        peer.Expect("ready");
        return peer;
    }

    private protected static long NumberIn(SharedSnapshot? snapshot, string path) =>
        long.Parse(snapshot![path].ToString(), System.Globalization.CultureInfo.InvariantCulture);

    private protected static void AssertWhole(SharedSnapshot snapshot)
    {
        long number = NumberIn(snapshot, "Number");
        Assert.Equal(2 * number, NumberIn(snapshot, "Twice"));
        Assert.Equal(-number, NumberIn(snapshot, "Negative"));
    }
}
