using System.Threading.Channels;
using TypedShm;
using TypedShm.ChannelPeer;
using TypedShm.Memory;
using TypedShm.TestMessages;

// The other process of the tests: does what its arguments say, tells how far it is on its output, and is then killed,
// stopped, or told to go on by a line of input.
string name = args[1];
switch (args[0])
{
    // Writes numbered messages in batches of three until it is killed.
    case "write-batches":
    {
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(name);
        Output.Say("open");
        Quote[] batch = new Quote[3];
        for (long i = 0; ; i += 3)
        {
            for (int k = 0; k < 3; k++)
                batch[k] = Quote.Of(i + k);
            writer.WriteBatch(batch);
        }
    }

    // Writes some messages, then does the first part of a batch's commit: every sequence but the first.
    case "half-commit":
    {
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(name);
        for (int i = 0; i < 5; i++)
            writer.Write(Quote.Of(i));
        writer.TryClaimBatch(3, out BatchClaim<Quote> claim);
        for (int i = 0; i < 3; i++)
            claim[i] = Quote.Of(5 + i);
        unsafe
        {
            RegionHeader header = writer.Region.Header;
            byte* slots = (byte*)writer.Region.Address + header.DataOffset;
            for (int i = 2; i >= 1; i--)
                *(ulong*)(slots + ((5 + i) * header.Stride)) = (ulong)(5 + i + 1);
        }

        Output.Say("half");
        Console.ReadLine();
        break;
    }

    // Writes some messages and does what its input says.
    case "write":
    {
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(name);
        for (int i = 0; i < int.Parse(args[2], null); i++)
            writer.Write(Quote.Of(i));
        Output.Say("written");
        if (Console.ReadLine() == "complete")
            writer.Complete(new InvalidDataException("no more"));
        break;
    }

    // Writes messages with payloads of every length to a queue whose payloads are sparse, by copying and in place.
    case "write-sparse":
    {
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(name, new() { AllowSparsePayloads = true });
        for (int i = 0; i < int.Parse(args[2], null); i++)
        {
            int length = i * 7919 % (writer.PayloadCapacity / 10);
            if (i % 2 == 0)
            {
                writer.Write(Quote.Of(i), Enumerable.Repeat((byte)i, length).ToArray());
                continue;
            }

            using Claim<Quote> claim = writer.Claim(length);
            claim.Value = Quote.Of(i);
            claim.Payload.Fill((byte)i);
            claim.Commit(length);
        }

        Console.ReadLine();
        break;
    }

    // Becomes another user, and reads eight messages of a channel: USER KIND PAYLOAD.
    case "as-user":
        AnotherUser.Run(name, uint.Parse(args[2], null), args[3], int.Parse(args[4], null));
        break;

    // Creates a queue, reads some messages of it, and waits for ever.
    case "create-reader":
    {
        using SharedQueueReader<Quote> reader = SharedQueue.CreateReader<Quote>(name, new() { Capacity = 8 });
        for (int i = 0; i < int.Parse(args[2], null); i++)
            reader.Read();
        Output.Say("read");
        Console.ReadLine();
        break;
    }

    // Reads some messages of a queue that its writer created, and waits for ever.
    case "read":
    {
        using SharedQueueReader<Quote> reader = SharedQueue.OpenReader<Quote>(name);
        for (int i = 0; i < int.Parse(args[2], null); i++)
            reader.Read();
        Output.Say("read");
        reader.Read();
        break;
    }

    // As echo, but with code that knows only the channels of .NET.
    case "channel-echo":
    {
        using SharedQueueReader<Quote> reader = SharedQueue.OpenReader<Quote>(name);
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(args[2]);
        await Echo(reader.AsChannelReader(), writer.AsChannelWriter());
        break;

        static async Task Echo(ChannelReader<Quote> from, ChannelWriter<Quote> to)
        {
            await foreach (Quote quote in from.ReadAllAsync())
                await to.WriteAsync(quote);
            to.TryComplete(new InvalidDataException("no more"));
        }
    }

    // Publishes values, then fills in half of the next one.
    case "half-state":
    {
        using SharedStateWriter<Quote> state = SharedState.Create<Quote>(name);
        for (int i = 1; i <= 10; i++)
            state.Write(Quote.Of(i));
        using StateClaim<Quote> claim = state.Replace();
        claim.Value.Number = 11;
        claim.Value.Twice = 0;
        Output.Say("half");
        Console.ReadLine();
        break;
    }

    // Answers each message with its number.
    case "echo":
    {
        WaitMode mode = Enum.Parse<WaitMode>(args[3]);
        WaitFence fence = Enum.Parse<WaitFence>(args[4]);
        OpenOptions open = new() { Wait = mode, Fence = fence };
        using SharedQueueWriter<Quote> writer = SharedQueue.OpenWriter<Quote>(args[2], open);
        using SharedQueueReader<Quote> reader = SharedQueue.OpenReader<Quote>(name, open);
        while (reader.WaitToRead())
        {
            while (reader.TryRead(out Quote quote))
                writer.Write(quote);
        }

        writer.Complete();
        break;
    }

    default:
        if (!Broadcasts.Run(args) && !Tables.Run(args) && !Calls.Run(args) && !Offers.Run(args)
            && !Restarts.Run(args) && !Producers.Run(args))
            throw new ArgumentException($"There is no '{args[0]}' here.");
        break;
}
