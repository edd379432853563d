using TypedShm.Interop;
using TypedShm.Layout;

namespace TypedShm.Core.Aot;

/// <summary>What is checked, in order. Nothing depends on time: every wait is for a condition.</summary>
internal static class Checks
{
    private const int Count = 20_000;
    private static readonly string s_folder = Directory.CreateTempSubdirectory("typedshm-core-").FullName;

    public static (string Name, Action Check)[] All { get; } =
    [
        ("The layout is the same on every architecture", Layout),
        ("A struct is the same memory at both ends", Struct),
        ("A queue loses nothing while both sides park, with a fence", () => Queue(WaitMode.Park, WaitFence.Full)),
        ("A queue loses nothing while both sides park, with membarrier where there is one", () => Queue(WaitMode.Park, WaitFence.Barrier)),
        ("A queue loses nothing while both sides spin, then park", () => Queue(WaitMode.SpinThenPark, WaitFence.Full)),
        ("A queue loses nothing while both sides wait without threads", QueueAsync),
        ("A batch comes whole", Batch),
        ("A state is never torn, and its readers hear of each last value", State),
        ("A struct, a queue and a state over sockets", Sockets),
        ("Nothing that was opened is left open", Leaks),
    ];

    private static int Descriptors => Directory.GetFiles("/proc/self/fd").Length;

    private static void Layout()
    {
        LayoutDescriptor layout = LayoutDescriptor.Of<Message>();
        Console.WriteLine($"      size {layout.Size}, alignment {layout.Alignment}, fingerprint {layout.Fingerprint:x16}");
    }

    private static void Struct()
    {
        (SharedStructWriter<Message> owner, SharedStructReader<Message> reader) = SharedStruct.CreatePair<Message>();
        using (owner)
        using (reader)
            Share(owner, reader);
    }

    private static void Share(SharedStructWriter<Message> owner, SharedStructReader<Message> reader)
    {
        Thread waiting = new(() => reader.Wait());
        waiting.Start();
        owner.Value = Message.Of(42);
        owner.View.Text.Set("arm64 and x64");
        owner.View.Count.Add(3);

        // Until the waiter has come and gone: a signal is for those who wait.
        while (!waiting.Join(1))
            owner.Signal();
        Message copy = reader.Value;
        Expect(copy.IsWhole && copy.Number == 42, "the struct that was written");
        Expect(reader.View.Text.ToString() == "arm64 and x64", "the text that was written");
        Expect(reader.View.Count.Read() == 3, "the count that was added up");
    }

    private static void Queue(WaitMode mode, WaitFence fence)
    {
        (SharedQueueWriter<Message> writer, SharedQueueReader<Message> reader) =
            SharedQueue.CreatePair<Message>(new() { Capacity = 4, Wait = mode, Fence = fence });
        using (writer)
        using (reader)
            Send(writer, reader);
    }

    private static void Send(SharedQueueWriter<Message> writer, SharedQueueReader<Message> reader)
    {
        Thread writing = new(() =>
        {
            for (int i = 0; i < Count; i++)
                writer.Write(Message.Of(i));
            writer.Complete();
        });
        writing.Start();
        for (int i = 0; i < Count; i++)
        {
            Message message = reader.Read();
            Expect(message.IsWhole && message.Number == i, $"message {i}, found {message.Number}");
        }

        Expect(!reader.WaitToRead(), "the end of the queue");
        writing.Join();
    }

    private static void QueueAsync()
    {
        (SharedQueueWriter<Message> writer, SharedQueueReader<Message> reader) =
            SharedQueue.CreatePair<Message>(new() { Capacity = 4, Wait = WaitMode.Park });
        using (writer)
        using (reader)
        {
            Task writing = Task.Run(async () =>
            {
                for (int i = 0; i < Count / 10; i++)
                    await writer.WriteAsync(Message.Of(i));
                writer.Complete();
            });
            Task<int> reading = Task.Run(async () =>
            {
                int next = 0;
                await foreach (Message message in reader.ReadAllAsync())
                    Expect(message.IsWhole && message.Number == next++, "the next message");
                return next;
            });
            Expect(reading.GetAwaiter().GetResult() == Count / 10, "all messages");
            writing.GetAwaiter().GetResult();
        }
    }

    private static void Batch()
    {
        (SharedQueueWriter<Message> writer, SharedQueueReader<Message> reader) = SharedQueue.CreatePair<Message>(new() { Capacity = 8 });
        using (writer)
        using (reader)
        {
            for (int round = 0; round < 100; round++)
            {
                Message[] batch = [.. Enumerable.Range(5 * round, 5).Select(i => Message.Of(i))];
                Expect(writer.TryWriteBatch(batch), "room for the batch");
                for (int i = 0; i < batch.Length; i++)
                    Expect(reader.TryRead(out Message message) && message.IsWhole && message.Number == batch[i].Number,
                        "each message of the batch");
            }
        }
    }

    private static void State()
    {
        (SharedStateWriter<Message> writer, SharedStateReader<Message> reader) =
            SharedState.CreatePair<Message>(new() { Wait = WaitMode.Park, Fence = WaitFence.Full });
        using (writer)
        using (reader)
            Follow(writer, reader);
    }

    private static void Follow(SharedStateWriter<Message> writer, SharedStateReader<Message> reader)
    {
        Thread writing = new(() =>
        {
            for (int i = 1; i <= Count; i++)
                writer.Write(Message.Of(i));
        });
        writing.Start();
        long last = 0;
        while (last < Count)
        {
            Message value = default;
            StateGeneration generation = default;
            while (!reader.TryRead(out value, out generation))
                Thread.Yield();
            Expect(value.IsWhole && value.Number >= last, "a whole value, not older than the one before");
            last = value.Number;
            if (last < Count)
                reader.Wait(generation);
        }

        writing.Join();
    }

    private static void Sockets()
    {
        string name = Path.Combine(s_folder, "struct");
        using (SharedStructWriter<Message> owner = SharedStruct.Create<Message>(name))
        using (SharedStructReader<Message> reader = SharedStruct.Open<Message>(name))
            Share(owner, reader);

        name = Path.Combine(s_folder, "queue");
        using (SharedQueueReader<Message> reader = SharedQueue.CreateReader<Message>(name, new() { Capacity = 4, Wait = WaitMode.Park }))
        using (SharedQueueWriter<Message> writer = SharedQueue.OpenWriter<Message>(name, new() { Wait = WaitMode.Park }))
            Send(writer, reader);

        name = Path.Combine(s_folder, "state");
        using (SharedStateWriter<Message> writer = SharedState.Create<Message>(name, new() { Wait = WaitMode.Park }))
        using (SharedStateReader<Message> reader = SharedState.Open<Message>(name, new() { Wait = WaitMode.Park }))
            Follow(writer, reader);
    }

    // The second time round, when the runtime has opened what it keeps.
    private static void Leaks()
    {
        int before = Descriptors;
        Sockets();
        Directory.Delete(s_folder, recursive: true);

        // Hang-ups are noticed by the other end on its own.
        for (int i = 0; Descriptors > before && i < 6000; i++)
            Thread.Sleep(10);
        Expect(Descriptors <= before, $"{before} descriptors, found {Descriptors}");
    }

    private static void Expect(bool condition, string what)
    {
        if (!condition)
            throw new InvalidOperationException($"Expected {what}.");
    }
}
