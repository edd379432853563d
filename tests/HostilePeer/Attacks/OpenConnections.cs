using System.Diagnostics;
using TypedShm.HostilePeer.Raw;

namespace TypedShm.HostilePeer.Attacks;

/// <summary>Words of a region that its owner, who is hostile, may write at any time.</summary>
internal static unsafe class Words
{
    private static readonly int[] s_control = [0, 128, 256, 384, 512, 640];
    private static readonly int[] s_lane = [0, 128, 256, 260];
    private static readonly int[] s_broadcast = [0, 128, 256, 384, 388];

    /// <summary>Writes a number, an impossible one or one that comes close to the truth, into any word that means something.</summary>
    public static void Disturb(Random random, RawRegion region, ulong position)
    {
        RawShape shape = region.Shape;
        if (shape.Count > 0 && random.Next(3) != 0)
        {
            byte* slot = region.Data + (random.NextInt64(shape.Count) * shape.Stride);
            int field = 8 * random.Next(Math.Max(1, int.PopCount((int)shape.Marks)));
            *(ulong*)(slot + field) = Near(random, position);
            return;
        }

        int[] words = shape.Kind switch
        {
            RawShape.ControlKind => s_control,
            RawShape.BroadcastKind => s_broadcast,
            RawShape.QueueKind or RawShape.CallKind => s_lane,
            _ => [8 * random.Next(shape.ControlLength / 8)],
        };
        int word = words[random.Next(words.Length)];
        if (word is 256 or 384 or 512 or 260 or 388)
            *(uint*)(region.ControlWords + word) = (uint)Near(random, position);
        else
            *(ulong*)(region.ControlWords + word) = Near(random, position);
    }

    /// <summary>Any of the header, which was checked long ago.</summary>
    public static void DisturbHeader(Random random, RawRegion region) =>
        *(ulong*)(region.Address + (8 * random.Next(16))) = Mutation.Number(random);

    private static ulong Near(Random random, ulong position) => random.Next(4) switch
    {
        0 => Mutation.Number(random),
        1 => unchecked(position + (ulong)random.Next(5) - 2),
        2 => unchecked((2 * position) + (ulong)random.Next(7) - 3),
        _ => (ulong)random.Next(130),
    };
}

/// <summary>Every word that a client owns, as it likes, while the server is at work.</summary>
internal sealed unsafe class WordsAttack : Attack
{
    public override string Name => "words";

    public override string What => "all words of a client's regions (positions, sequences, lengths, ends), changed under a server";

    public override int Weight => 12;

    public override void Run(Input input)
    {
        Endpoint endpoint = input.Random.Next(2) == 0 ? input.AnyServer() : input.Server("queue-in", "call", "queue-out", "lossless");
        using RawClient? client = RawClient.Open(input, endpoint);
        if (client is null)
            return;
        Random random = input.Random;
        long begun = Stopwatch.GetTimestamp();
        long ticks = Stopwatch.Frequency / 1000 * (1 + random.Next(8));
        int count = 0;
        ulong position = 0;
        while (Stopwatch.GetTimestamp() - begun < ticks)
        {
            RawRegion region = client.Attached[random.Next(client.Attached.Length)];
            Words.Disturb(random, region, position);
            if (random.Next(50) == 0)
                Words.DisturbHeader(random, region);
            if (region.Shape.Count > 0 && random.Next(4) == 0)
            {
                // A message that is there, of whatever length it says.
                byte* slot = region.Data + ((long)(position % (ulong)region.Shape.Count) * region.Shape.Stride);
                *(uint*)(slot + region.Shape.LengthOffset) = (uint)Mutation.Number(random);
                *(ulong*)slot = ++position;
            }

            if (++count % 64 == 0)
                client.Socket.Send([1]);
        }

        input.Outcome(client.Socket.HasHungUp ? "hung up" : "endured");
    }
}

/// <summary>Says that it sleeps when it does not, and wakes others that do not.</summary>
internal sealed unsafe class ParkingAttack : Attack
{
    public override string Name => "parking";

    public override string What => "clients that lie about parking, ring their doorbells, and flood with wake-ups and signals";

    public override int Weight => 6;

    public override void Run(Input input)
    {
        Endpoint endpoint = input.AnyServer();
        using RawClient? client = RawClient.Open(input, endpoint, (uint)input.Random.Next(8) | 4);
        if (client is null)
            return;
        Random random = input.Random;
        uint* parked = (uint*)(client.Control.ControlWords + 256);
        uint* doorbell = (uint*)(client.Control.ControlWords + 384);
        for (int i = 0; i < 2000; i++)
        {
            *parked = (uint)((i << 3) | random.Next(8));
            *doorbell = (uint)random.Next();
            if (i % 16 == 0)
            {
                // FUTEX_WAKE, FUTEX_REQUEUE of whoever sleeps on the server's own words, as far as they can be read.
                Steal(client);
                client.Socket.Send([(byte)(1 + random.Next(2))]);
            }
        }

        input.Outcome("lied about parking");
    }

    private static void Steal(RawClient client)
    {
        const int Futex = 202;
        foreach (RawMapping region in client.Received)
        {
            if (region.Address == null || region.Info.Kind == 0)
                continue;
            byte* word = region.ControlWords + (region.Info.Kind == RawShape.ControlKind ? 384 : 0);
            _ = Sys.syscall(Futex, word, 1, int.MaxValue, null, null, 0);
            _ = Sys.syscall(Futex, word, 3, 0, (void*)int.MaxValue, client.Control.ControlWords + 384, 0);
        }
    }
}

/// <summary>Breaks one rule of an open connection, for which the server has to hang up.</summary>
internal sealed unsafe class RuleAttack : Attack
{
    public override string Name => "rules";

    public override string What => "one rule (positions, lengths, counts) broken on an open connection: the server has to hang up";

    public override int Weight => 8;

    public override void Run(Input input)
    {
        Endpoint endpoint = input.Server("queue-in", "queue-out", "lossless", "call");
        using RawClient? client = RawClient.Open(input, endpoint);
        if (client is null)
            return;
        Random random = input.Random;
        RawRegion lane = client.Attached[0];
        ulong* head = (ulong*)client.Control.ControlWords;
        switch (endpoint.Name)
        {
            case "queue-out":
                // Its writer looks at the position when the lane is full: 64 messages, or fewer than the position that it went back from.
                if (random.Next(2) == 0)
                {
                    *head = 1UL << (8 + random.Next(56));
                    client.ExpectHangUp("has read more than was written");
                    return;
                }

                *head = 20;
                Wait(client, 84);
                *head = 19;
                client.ExpectHangUp("has read, and not read");
                return;
            case "lossless":
                *head = ulong.MaxValue >> random.Next(2);
                client.ExpectHangUp("has read more than was written");
                return;
            case "queue-in" when random.Next(2) == 0:
                *(ulong*)lane.ControlWords = 1 + Mutation.Number(random) % 1000;
                *(ulong*)(lane.ControlWords + 128) = 1 + (ulong)random.Next(2);
                client.ExpectHangUp("has written messages that are not there");
                return;
            case "queue-in":
                Publish(lane, 0, (uint)(lane.Shape.PayloadCapacity + 1 + random.Next(int.MaxValue / 2)), 1);
                client.ExpectHangUp("states a payload that is longer than its slot");
                return;
            default:
                BreakRuleOfCalls(random, client, lane, head);
                return;
        }
    }

    private static void BreakRuleOfCalls(Random random, RawClient client, RawRegion lane, ulong* head)
    {
        switch (random.Next(4))
        {
            case 0:
                Publish(lane, 0, 0, 0);
                client.ExpectHangUp("begins call 0");
                return;
            case 1:
                Publish(lane, 0, (uint)(lane.Shape.PayloadCapacity + 1 + random.Next(int.MaxValue / 2)), 1);
                client.ExpectHangUp("states a payload that is longer than its slot");
                return;
            case 2:
                *head = 1UL << (8 + random.Next(56));
                for (ulong i = 0; i < 100 && !client.Socket.HasHungUp; i++)
                {
                    Publish(lane, i, 0, i + 1);
                    WaitForAnswer(client, i);
                }

                client.ExpectHangUp("has read more answers than there are");
                return;
            default:
                // Answers that are not given back.
                for (ulong i = 0; i < 2 * (ulong)lane.Shape.Count && !client.Socket.HasHungUp; i++)
                {
                    Publish(lane, i, 0, i + 1);
                    WaitForAnswer(client, i);
                }

                client.ExpectHangUp("has more calls open than there is room for");
                return;
        }
    }

    /// <summary>Puts a message into a lane.</summary>
    public static void Publish(RawRegion lane, ulong number, uint length, ulong call)
    {
        byte* slot = lane.Data + ((long)(number % (ulong)lane.Shape.Count) * lane.Shape.Stride);
        *(uint*)(slot + lane.Shape.LengthOffset) = length;
        if (lane.Shape.Kind == RawShape.CallKind)
            *(ulong*)(slot + lane.Shape.CallOffset) = call;
        Volatile.Write(ref *(ulong*)slot, number + 1);
    }

    // Until the server has given the slot of the request back, or has had enough.
    private static void WaitForAnswer(RawClient client, ulong number)
    {
        ulong* given = (ulong*)client.Received.Single(region => region.Info.Kind == RawShape.ControlKind).ControlWords;
        long begun = Stopwatch.GetTimestamp();

        // Otherwise it sleeps until somebody else calls.
        client.Socket.Send([1]);
        while (Volatile.Read(ref *given) <= number && GoesOn(client, begun))
            Thread.Yield();
    }

    private static void Wait(RawClient client, ulong written)
    {
        RawMapping lane = client.Received.Single(region => region.Info.Kind == RawShape.QueueKind);
        byte* data = lane.Address + *(long*)(lane.Address + 64);
        long stride = *(long*)(lane.Address + 72);
        ulong count = *(ulong*)(lane.Address + 80);
        byte* slot = data + ((long)((written - 1) % count) * stride);
        long begun = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref *(ulong*)slot) != written && GoesOn(client, begun))
            Thread.Yield();
    }

    private static bool GoesOn(RawClient client, long begun) =>
        !client.Socket.HasHungUp && Stopwatch.GetElapsedTime(begun).TotalMilliseconds < RawSocket.Patience;
}

/// <summary>Requests, cancellations and answers that are not read.</summary>
internal sealed class CallAttack : Attack
{
    public override string Name => "calls";

    public override string What => "floods of calls with any numbers, cancellations of any, and clients that go under their handlers";

    public override int Weight => 6;

    public override void Run(Input input)
    {
        using RawClient? client = RawClient.Open(input, input.Server("call"));
        if (client is null)
            return;
        Random random = input.Random;
        RawRegion lane = client.Attached[0];
        for (ulong i = 0; i < (ulong)random.Next(150); i++)
        {
            ulong call = random.Next(8) == 0 ? Mutation.Number(random) : i + 1;
            RuleAttack.Publish(lane, i, (uint)random.Next(lane.Shape.PayloadCapacity + 1), call);
            byte[] cancel = [3, .. BitConverter.GetBytes(random.Next(2) == 0 ? call : Mutation.Number(random))];
            client.Socket.Send(random.Next(2) == 0 ? cancel : [1]);
        }

        input.Outcome(client.Socket.HasHungUp ? "hung up" : "called and went");
    }
}
