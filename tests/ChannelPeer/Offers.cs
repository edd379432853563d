using System.Globalization;
using TypedShm.TestMessages;

namespace TypedShm.ChannelPeer;

/// <summary>Names that are none in HTML or JavaScript, and a text that is a trap.</summary>
[SharedLayout]
internal partial struct Hostile
{
    public long __proto__;
    public double constructor;
    public Text128 Text;
}

/// <summary>
/// Creates a channel of any kind, for those who look into it: <c>offer NAME KIND</c>. Each line of input is a command that is answered with
/// a line: a number publishes as many, or reads as many, of an inbox, of which <c>last</c> tells the last; <c>told</c> says which events
/// there were; <c>hot</c> publishes until the next line.
/// </summary>
internal static class Offers
{
    private static Quote s_last;

    /// <returns>False if there is no such command.</returns>
    public static bool Run(string[] args)
    {
        if (args[0] != "offer")
            return false;
        (SharedEnd end, Action<long> publish) = Create(args[1], args[2]);
        using SharedEnd created = end;
        int joined = 0;
        int refused = 0;
        created.PeerJoined += (_, _) => Interlocked.Increment(ref joined);
        created.PeerRefused += (_, _) => Interlocked.Increment(ref refused);
        Output.Say("ready");
        long next = 1;
        while (Console.ReadLine() is { } line)
        {
            if (line == "told")
                Output.Say($"= joined {joined}, refused {refused}, peers {created.Peers.Count}");
            else if (line == "last")
                Output.Say($"= {s_last}");
            else if (line == "hot")
                Output.Say(Rush(publish, ref next));
            else
                Output.Say(Publish(publish, ref next, long.Parse(line, CultureInfo.InvariantCulture)));
        }

        return true;
    }

    private static string Publish(Action<long> publish, ref long next, long count)
    {
        for (long i = 0; i < count; i++)
            publish(next++);
        return $"= {next - 1}";
    }

    private static string Rush(Action<long> publish, ref long next)
    {
        Output.Say("= hot");
        Task<string?> stop = Task.Run(Console.ReadLine);
        while (!stop.IsCompleted)
            publish(next++);
        return $"= {next - 1}";
    }

    private static (SharedEnd End, Action<long> Publish) Create(string name, string kind)
    {
        switch (kind)
        {
            case "struct":
                SharedStructWriter<Quote> shared = SharedStruct.Create<Quote>(name);
                return (shared, number =>
                {
                    shared.Value = Quote.Of(number);
                    shared.Signal();
                }
                );
            case "writable":
                SharedStructWriter<Quote> writable = SharedStruct.Create<Quote>(name, new() { AllowPeersToWrite = true });
                return (writable, number => writable.Value = Quote.Of(number));
            case "state":
                SharedStateWriter<Quote> state = SharedState.Create<Quote>(name, new() { PublishTimes = true });
                return (state, number => state.Write(Quote.Of(number)));
            case "everything":
                SharedBroadcastWriter<Everything> everything =
                    SharedBroadcast.Create<Everything>(name, new() { Capacity = 64, PublishTimes = true });
                return (everything, number => everything.Write(Everything.Of(number)));
            case "table":
                SharedTableWriter<Quote> table = SharedTable.Create<Quote>(name, 100);
                return (table, number => table.Write((int)(number % 100), Quote.Of(number)));
            case "live-table":
                SharedTableWriter<Quote> live = SharedTable.Create<Quote>(name, 10, new() { Live = true });
                return (live, number => live.Write((int)(number % 10), Quote.Of(number)));
            case "queue":
                SharedQueueWriter<Quote> queue = SharedQueue.CreateWriter<Quote>(name, new() { Capacity = 64 });
                return (queue, number => queue.Write(Quote.Of(number)));
            case "inbox":
                SharedQueueReader<Quote> inbox = SharedQueue.CreateReader<Quote>(name, new() { Capacity = 64 });
                return (inbox, number => s_last = inbox.Read());
            case "broadcast":
                SharedBroadcastWriter<Quote> broadcast =
                    SharedBroadcast.Create<Quote>(name, new() { Capacity = 1024, PayloadCapacity = 16 });
                return (broadcast, number => broadcast.Write(Quote.Of(number), BitConverter.GetBytes(number)));
            case "lossless":
                SharedBroadcastWriter<Quote> lossless = SharedBroadcast.Create<Quote>(name, new() { Capacity = 64, Lossless = true });
                return (lossless, number => lossless.Write(Quote.Of(number)));
            case "call":
                SharedCallServer<Quote, Answer> server = SharedCall.Create<Quote, Answer>(name, new() { Capacity = 16 });
                return (server, _ => server.TryServe(static call => call.Response = Answer.To(in call.Request), Timeout.InfiniteTimeSpan));
            case "nobody":
                SharedStateWriter<Quote> closed =
                    SharedState.Create<Quote>(name, new() { AllowedPeers = PeerPolicy.Where("nobody", _ => false) });
                return (closed, number => closed.Write(Quote.Of(number)));
            case "hostile":
                SharedStateWriter<Hostile> hostile = SharedState.Create<Hostile>(name);
                return (hostile, number => hostile.Write(new Hostile
                {
                    __proto__ = number,
                    constructor = number / 2.0,
                    Text = "</td><img src=x onerror=\"document.title='taken'\">",
                }));
            default:
                throw new ArgumentException($"There is no channel of kind '{kind}' here.");
        }
    }
}
