using System.Globalization;
using TypedShm.TestMessages;

namespace TypedShm.ChannelPeer;

/// <summary>Producers of a queue and its reader, which are killed and started again.</summary>
internal static class Producers
{
    /// <returns>False if there is no such command.</returns>
    public static bool Run(string[] args)
    {
        switch (args[0])
        {
            // Says where it goes on, and writes numbered messages, single ones and batches, until it is killed: NAME PRODUCER.
            case "produce":
                Produce(args[1], args[2]);
                return true;

            // Writes three messages and the first part of a batch's commit, every sequence but the first: NAME PRODUCER.
            case "produce-half":
                ProduceHalf(args[1], args[2]);
                return true;

            // Creates the queue and says of each message its number, and whether it may have come before, while it has it: NAME.
            case "consume":
                Consume(args[1]);
                return true;

            // Creates the queue, says the same of one message, and has it until it is killed: NAME.
            case "consume-one":
                ConsumeOne(args[1]);
                return true;

            default:
                return false;
        }
    }

    private static void Produce(string name, string producer)
    {
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(name, new() { Producer = producer, Reconnect = true });
        Output.Say(writer.Position.ToString(CultureInfo.InvariantCulture));
        Quote[] batch = new Quote[3];
        while (true)
        {
            writer.Write(Quote.Of(writer.Position));
            for (int i = 0; i < batch.Length; i++)
                batch[i] = Quote.Of(writer.Position + i);
            writer.WriteBatch(batch);
        }
    }

    private static unsafe void ProduceHalf(string name, string producer)
    {
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(name, new() { Producer = producer });
        for (int i = 0; i < 3; i++)
            writer.Write(Quote.Of(i));
        using BatchClaim<Quote> claim = writer.ClaimBatch(3);
        for (int i = 0; i < 3; i++)
            claim[i] = Quote.Of(3 + i);
        byte* slots = (byte*)writer.Region.Address + writer.Region.Header.DataOffset;
        for (int i = 2; i >= 1; i--)
            *(ulong*)(slots + ((3 + i) * writer.Region.Header.Stride)) = (ulong)(3 + i + 1);
        Output.Say("half");
        Console.ReadLine();
    }

    private static void Consume(string name)
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(name, new() { Capacity = 16 });
        for (int round = 0; reader.WaitToRead(); round++)
        {
            switch (round % 3)
            {
                case 0 when reader.TryLease(out Lease<Quote> lease):
                    using (lease)
                        Say(lease.Value, lease.IsRedelivery);
                    break;

                case 1 when reader.TryLeaseBatch(3, out MessageBatch<Quote> batch):
                    using (batch)
                    {
                        for (int i = 0; i < batch.Count; i++)
                            Say(batch[i], batch.IsRedelivery(i));
                    }

                    break;

                case 2 when reader.TryLease(out Lease<Quote> lease):
                    using (HeldMessage<Quote> held = lease.Hold())
                        Say(held.Value, held.IsRedelivery);
                    break;
            }
        }

        Output.Say("complete");
        Console.ReadLine();
    }

    private static void ConsumeOne(string name)
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(name, new() { Capacity = 16 });
        using Lease<Quote> lease = reader.Lease();
        Say(lease.Value, lease.IsRedelivery);
        Console.ReadLine();
    }

    private static void Say(in Quote quote, bool isRedelivery) =>
        Output.Say($"{(quote.IsWhole ? quote.Number : -1)} {(isRedelivery ? "again" : "new")}");
}
