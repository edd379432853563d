namespace TypedShm.Soak.Opens;

/// <summary>The kinds of channel that are opened.</summary>
internal enum Kind
{
    Struct,
    State,
    Table,
    Queue,
    Broadcast,
    Call,
}

/// <summary>
/// A kind of channel, whose owner is at work while clients come and go. It writes without end, to readers that do not read; or it waits,
/// for writers and callers who hardly ever send anything.
/// </summary>
/// <param name="Create">Makes the owner's end.</param>
/// <param name="Work">What it does, until it is told to stop; one step, if it writes.</param>
/// <param name="Writes">Whether it writes.</param>
/// <param name="Peers">How many clients it has.</param>
/// <param name="Open">Opens the channel.</param>
/// <param name="Use">Does with an end that was opened what it is for.</param>
internal sealed record Subject(
    Func<string, IDisposable> Create,
    Action<IDisposable, long, CancellationToken> Work,
    bool Writes,
    Func<IDisposable, int> Peers,
    Func<string, CancellationToken, Task<IDisposable>> Open,
    Func<IDisposable, Task> Use)
{
    private static readonly OpenOptions s_patient = new() { Timeout = TimeSpan.FromMinutes(1) };

    public static Subject Of(Kind kind) => kind switch
    {
        Kind.Struct => Writer<SharedStructWriter<Message>, SharedStructReader<Message>>(
            name => SharedStruct.Create<Message>(name),
            (owner, number) =>
            {
                owner.Value.Fill(number);
                owner.Signal();
            },
            owner => owner.Peers.Count,
            (name, cancel) => SharedStruct.OpenAsync<Message>(name, s_patient, cancel),
            reader => reader.WaitAsync().AsTask()),
        Kind.State => Writer<SharedStateWriter<Message>, SharedStateReader<Message>>(
            name => SharedState.Create<Message>(name),
            (owner, number) => owner.Write(Message.Of(number)),
            owner => owner.Peers.Count,
            (name, cancel) => SharedState.OpenAsync<Message>(name, s_patient, cancel),
            reader => Check(reader.Read())),
        Kind.Table => Writer<SharedTableWriter<Message>, SharedTableReader<Message>>(
            name => SharedTable.Create<Message>(name, 10),
            (owner, number) => owner.Write((int)(number % 10), Message.Of(number)),
            owner => owner.Peers.Count,
            (name, cancel) => SharedTable.OpenAsync<Message>(name, s_patient, cancel),
            reader => Check(reader.Read(0))),

        // Without loss, so that it waits for whoever is there and does not read.
        Kind.Broadcast => Writer<SharedBroadcastWriter<Message>, SharedBroadcastReader<Message>>(
            name => SharedBroadcast.Create<Message>(name, new SharedBroadcastOptions { Capacity = 4, Lossless = true }),
            (owner, number) => owner.Write(Message.Of(number)),
            owner => owner.Peers.Count,
            (name, cancel) => SharedBroadcast.OpenAsync<Message>(name, s_patient, cancel),
            async reader => await Check(await reader.ReadAsync().ConfigureAwait(false)).ConfigureAwait(false)),
        Kind.Queue => Waiter<SharedQueueReader<Message>, SharedQueueWriter<Message>>(
            name => SharedQueue.CreateReader<Message>(name, new SharedQueueOptions { Capacity = 4 }),
            (owner, stop) =>
            {
                while (owner.WaitToRead(stop))
                    _ = owner.TryRead(out _);
            },
            owner => owner.Peers.Count,
            (name, cancel) => SharedQueue.OpenWriterAsync<Message>(name, s_patient, cancel),
            async writer =>
            {
                // More than there is room for: it is read.
                for (int i = 0; i < 10; i++)
                    await writer.WriteAsync(Message.Of(i)).ConfigureAwait(false);
            }),
        Kind.Call => Waiter<SharedCallServer<Message, Message>, SharedCallClient<Message, Message>>(
            name => SharedCall.Create<Message, Message>(name, new SharedCallOptions { Capacity = 4 }),
            (owner, stop) => owner.Serve(static call => call.Response = call.Request, stop),
            owner => owner.Peers.Count,
            (name, cancel) => SharedCall.OpenAsync<Message, Message>(name, s_patient, cancel),
            async client => await Check(await client.CallAsync(Message.Of(7)).ConfigureAwait(false)).ConfigureAwait(false)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static Subject Writer<TOwner, TClient>(
        Func<string, TOwner> create,
        Action<TOwner, long> write,
        Func<TOwner, int> peers,
        Func<string, CancellationToken, ValueTask<TClient>> open,
        Func<TClient, Task> use)
        where TOwner : class, IDisposable
        where TClient : class, IDisposable =>
        Typed((owner, number, _) => write(owner, number), true, create, peers, open, use);

    private static Subject Waiter<TOwner, TClient>(
        Func<string, TOwner> create,
        Action<TOwner, CancellationToken> wait,
        Func<TOwner, int> peers,
        Func<string, CancellationToken, ValueTask<TClient>> open,
        Func<TClient, Task> use)
        where TOwner : class, IDisposable
        where TClient : class, IDisposable =>
        Typed((owner, _, stop) => wait(owner, stop), false, create, peers, open, use);

    private static Subject Typed<TOwner, TClient>(
        Action<TOwner, long, CancellationToken> work,
        bool writes,
        Func<string, TOwner> create,
        Func<TOwner, int> peers,
        Func<string, CancellationToken, ValueTask<TClient>> open,
        Func<TClient, Task> use)
        where TOwner : class, IDisposable
        where TClient : class, IDisposable => new(
            name => create(name),
            (owner, number, stop) => work((TOwner)owner, number, stop),
            writes,
            owner => peers((TOwner)owner),
            async (name, cancel) => await open(name, cancel).ConfigureAwait(false),
            client => use((TClient)client));

    private static Task Check(Message message) =>
        message.IsWhole ? Task.CompletedTask : throw new InvalidOperationException($"What was read is not whole: number {message.Number}.");
}
