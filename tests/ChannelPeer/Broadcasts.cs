using System.Globalization;
using TypedShm.TestMessages;

namespace TypedShm.ChannelPeer;

/// <summary>What the other process does with broadcasts.</summary>
internal static class Broadcasts
{
    /// <returns>False if there is no such command.</returns>
    public static bool Run(string[] args)
    {
        string name = args[1];
        switch (args[0])
        {
            // Writes messages, claims the next one and fills half of it in.
            case "broadcast-half-message":
            {
                using SharedBroadcastWriter<Quote> writer = SharedBroadcast.Create<Quote>(name, new() { Capacity = 8, History = 8 });
                Output.Say("open");
                Console.ReadLine();
                for (int i = 0; i < Number(2); i++)
                    writer.Write(Quote.Of(i));
                using BroadcastClaim<Quote> claim = writer.Claim();
                claim.Value.Number = -1;
                claim.Value.Twice = -1;
                Output.Say("half");
                Console.ReadLine();
                return true;
            }

            // Opens a broadcast, reads it to its end, and says what was in it.
            case "read-broadcast":
            {
                using SharedBroadcastReader<Quote> reader = SharedBroadcast.Open<Quote>(name);
                List<Quote> read = [];
                byte[] payload = new byte[reader.PayloadCapacity];
                int last = 0;
                while (reader.WaitToRead())
                {
                    while (reader.TryRead(out Quote quote, payload, out int length))
                    {
                        read.Add(quote);
                        last = length;
                    }
                }

                bool isWhole = read.All(quote => quote.IsWhole);
                Output.Say($"= {read[0].Number} to {read[^1].Number}, {(isWhole ? "whole" : "torn")}, payloads of {last}");
                return true;
            }

            // Writes without rest until it is killed.
            case "broadcast-write":
            {
                using SharedBroadcastWriter<Quote> writer =
                    SharedBroadcast.Create<Quote>(name, new() { Capacity = 64, Lossless = args[2] == "lossless" });
                Output.Say("open");
                Console.ReadLine();
                for (long i = 0; ; i++)
                    writer.Write(Quote.Of(i));
            }

            // Reads some messages of a lossless broadcast, keeps the next one, and says so.
            case "broadcast-keep":
            {
                using SharedBroadcastReader<Quote> reader = SharedBroadcast.Open<Quote>(name);
                Output.Say("open");
                for (int i = 0; i < Number(2); i++)
                    reader.Read();
                using BroadcastLease<Quote> lease = reader.Lease();
                Output.Say($"keeps {lease.Number}");
                Console.ReadLine();
                Output.Say(lease.IsIntact ? "intact" : "overwritten");
                lease.Dispose();
                try
                {
                    while (true)
                        reader.Read();
                }
                catch (System.Threading.Channels.ChannelClosedException over)
                {
                    Output.Say(over.InnerException?.GetType().Name ?? "complete");
                }

                return true;
            }

            // Joins a running broadcast again and again, reads a little, and checks that nothing is missing in the account.
            case "broadcast-join-and-leave":
            {
                OpenOptions options = new() { Fence = WaitFence.Full };
                for (int i = 0; i < 3; i++)
                    ReadSome(name, options, i);
                Held before = Held.Now();
                for (int i = 0; i < Number(2); i++)
                    ReadSome(name, options, i);
                Output.Say(before.ComesBack());
                Console.ReadLine();
                return true;
            }

            default:
                return false;
        }

        int Number(int index) => int.Parse(args[index], CultureInfo.InvariantCulture);
    }

    private static void ReadSome(string name, OpenOptions options, int round)
    {
        using SharedBroadcastReader<Quote> reader = SharedBroadcast.Open<Quote>(name, options);
        long received = 0;
        for (int k = 0; k < round % 7; k++)
        {
            Quote quote = reader.Read();
            received++;
            if (!quote.IsWhole || quote.Number != reader.Position - 1 || reader.Start + received + reader.Lost != reader.Position)
                throw new InvalidOperationException($"Message {quote.Number} at position {reader.Position}: joined at {reader.Start}, "
                    + $"{received} received, {reader.Lost} lost.");
        }
    }
}
