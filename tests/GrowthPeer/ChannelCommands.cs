using System.Globalization;

namespace TypedShm.GrowthPeer;

/// <summary>What the other process does with an end of a channel; which one is in its first command.</summary>
internal sealed class ChannelCommands<T>(string kind, Func<long, T> of) : IGrowthCommands
    where T : unmanaged, ISharedLayout<T>
{
    // The last one: behind it the region ends, or nearly so.
    private const int Element = 2;
    private const int Elements = 3;
    private const int PayloadLength = sizeof(long);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly OpenOptions s_open = new() { Timeout = s_patience, Reconnect = true };

    private readonly SharedQueueOptions _queue = new() { Capacity = 4, PayloadCapacity = PayloadLength };

    private object? _end;

    public string Run(string[] words) => (words, _end) switch
    {
        (["writer", var name], null) => Hold(Writer(name)),
        (["reader", var name], null) => Hold(Reader(name)),
        (["write", var number], _) => Write(long.Parse(number, CultureInfo.InvariantCulture)),
        (["read"], _) => Read(),
        (["lease"], _) => Lease(),
        (["by-reference"], _) => $"{ByReference()}",
        (["has", var field], _) => $"{Has(field)}",
        (["await-state", var state], SharedEnd end) => SpinWait.SpinUntil(() => $"{end.State}" == state, s_patience)
            ? "yes"
            : throw new TimeoutException($"it is {end.State}"),
        (["dispose"], IDisposable end) => Dispose(end),

        (["peek"], SharedMessageReader<T> reader) => reader.TryPeek(out T message) ? $"{message}" : "nothing",
        (["read-plain"], SharedMessageReader<T> reader) => $"{reader.Read()}",
        (["read-async"], SharedMessageReader<T> reader) => $"{reader.ReadAsync().AsTask().Result}",
        (["lease-payload"], SharedMessageReader<T> reader) => LeasePayload(reader),
        (["hold"], SharedQueueReader<T> reader) => Held(reader),
        (["read-of", var field], SharedQueueReader<T> reader) => ReadOf(reader, field),
        (["batch", var count], SharedQueueReader<T> reader) => Batch(reader, int.Parse(count, CultureInfo.InvariantCulture)),
        (["element"], SharedTableReader<T> reader) => $"{reader[Element].Value}",
        _ => throw new ArgumentException($"no such command: {string.Join(' ', words)}"),
    };

    private object Writer(string name) => kind switch
    {
        "State" => SharedState.Create<T>(name),
        "TimedState" => SharedState.Create<T>(name, new SharedStateOptions { PublishTimes = true }),
        "Table" => SharedTable.Create<T>(name, Elements),
        "LiveTable" => SharedTable.Create<T>(name, Elements, new SharedTableOptions { Live = true }),
        "Queue" => SharedQueue.OpenWriter<T>(name, s_open),
        "WritersQueue" => SharedQueue.CreateWriter<T>(name, _queue),
        "Broadcast" or "Lossless" => SharedBroadcast.Create<T>(name, new SharedBroadcastOptions
        {
            Capacity = 4,
            PayloadCapacity = PayloadLength,
            Lossless = kind == "Lossless",
        }),
        _ => throw new ArgumentException($"no such channel: {kind}"),
    };

    private object Reader(string name) => kind switch
    {
        "State" or "TimedState" => SharedState.Open<T>(name, s_open),
        "Table" or "LiveTable" => SharedTable.Open<T>(name, s_open),
        "Queue" => SharedQueue.CreateReader<T>(name, _queue),
        "WritersQueue" => SharedQueue.OpenReader<T>(name, s_open),
        "Broadcast" or "Lossless" => SharedBroadcast.Open<T>(name, s_open),
        _ => throw new ArgumentException($"no such channel: {kind}"),
    };

    private string Hold(object end)
    {
        _end = end;
        return "ready";
    }

    private string Write(long number)
    {
        T value = of(number);
        switch (_end)
        {
            case SharedStateWriter<T> state:
                state.Write(in value);
                break;
            case SharedTableWriter<T> table:
                for (int i = 0; i < Elements; i++)
                    table.Write(i, in value);
                break;
            case SharedMessageWriter<T> messages:
                messages.Write(in value, BitConverter.GetBytes(number));
                break;
        }

        return "written";
    }

    private string Read()
    {
        switch (_end)
        {
            case SharedStateReader<T> state:
                return $"{state.Read()}";
            case SharedTableReader<T> table:
                return $"{table.Read(Element)}";
            default:
                byte[] payload = new byte[PayloadLength];
                T message = ((SharedMessageReader<T>)_end!).Read(payload, out int length);
                return $"{message} with {(length == PayloadLength ? BitConverter.ToInt64(payload) : -1)}";
        }
    }

    private string Lease()
    {
        switch (_end)
        {
            case SharedStateReader<T> state:
                StateLease<T> newest = state.Lease();
                return Intact($"{newest.Value}", newest.IsIntact);
            case SharedTableReader<T> table:
                TableLease<T> element = table.Lease(Element);
                return Intact($"{element.Value}", element.IsIntact);
            case SharedQueueReader<T> queue:
                using (Lease<T> lease = queue.Lease())
                    return $"{lease.Value} with {BitConverter.ToInt64(lease.Payload)}";
            default:
                using (BroadcastLease<T> lease = ((SharedBroadcastReader<T>)_end!).Lease())
                    return Intact($"{lease.Value} with {BitConverter.ToInt64(lease.Payload)}", lease.IsIntact);
        }
    }

    private static string Intact(string read, bool isIntact) => isIntact ? read : "overwritten";

    private bool ByReference() => _end switch
    {
        SharedStateReader<T> state => state.IsByReference,
        SharedTableReader<T> table => table.IsByReference,
        _ => ((SharedMessageReader<T>)_end!).IsByReference,
    };

    private bool Has(string field) => _end switch
    {
        SharedStateReader<T> state => state.Has(field),
        SharedTableReader<T> table => table.Has(field),
        _ => ((SharedMessageReader<T>)_end!).Has(field),
    };

    private static string LeasePayload(SharedMessageReader<T> reader)
    {
        if (reader is SharedQueueReader<T> queue)
        {
            using Lease<T> lease = queue.Lease();
            return $"{BitConverter.ToInt64(lease.Payload)}";
        }

        using BroadcastLease<T> broadcast = ((SharedBroadcastReader<T>)reader).Lease();
        return Intact($"{BitConverter.ToInt64(broadcast.Payload)}", broadcast.IsIntact);
    }

    private static string Held(SharedQueueReader<T> reader)
    {
        using Lease<T> lease = reader.Lease();
        using HeldMessage<T> held = lease.Hold();
        return $"{held.Value} with {BitConverter.ToInt64(held.Payload.Span)}";
    }

    private static string ReadOf(SharedQueueReader<T> reader, string field)
    {
        T message;
        SharedPeer? peer;
        while (!reader.TryRead(out message, out peer))
            reader.WaitToRead();
        return $"{message} {reader.Has(field, peer)}";
    }

    private static string Batch(SharedQueueReader<T> reader, int count)
    {
        T[] messages = new T[count];
        using MessageBatch<T> batch = reader.LeaseBatch(count);
        batch.CopyTo(messages);
        return string.Join(", ", messages.Take(batch.Count));
    }

    private static string Dispose(IDisposable end)
    {
        end.Dispose();
        return "disposed";
    }
}
