using System.CommandLine;
using TypedShm.Tool.Output;
using TypedShm.Tool.Writing;

namespace TypedShm.Tool.Verbs;

/// <summary><c>set</c>: fields of a struct that others may write, or a message into a queue.</summary>
internal static class Set
{
    public static Command Create() => new Sending().Verb(
        "set",
        """
        Stores values in fields of a struct whose creator lets others write it, and signals that it has changed; or writes a message into a
        queue that its reader has created, with zeros in fields that are not given. Whatever else is there has one writer, which the kernel
        holds so: exit code 4 says who that is.

        Examples:
          typedshm set settings Rpm=3000 Position.X=1.5 Gear=Second
          typedshm set orders Article=7 Amount=3 --payload "by noon"
        """,
        Run);

    private static int Run(Sending sending, ParseResult parsed, CancellationToken cancellationToken)
    {
        string name = sending.Name(parsed);
        using SharedInspector channel = Arguments.Open(name);
        switch (channel.Kind)
        {
            case ChannelKind.Struct when channel.PeersMayWrite:
                Assignment[] fields = sending.Fields(parsed, channel.Layout);
                if (fields.Length == 0)
                    throw new ToolException(ExitCode.Usage, "Say what is to be set: FIELD=VALUE.");
                if (sending.Payload(parsed, channel).Length > 0)
                    throw new ToolException(ExitCode.Usage, "A struct has no payload.");
                using (OpenedStruct opened = Sending.Open(name, () => OpenedStruct.Open(name, channel.Layout)))
                    opened.Set(fields);
                break;
            case ChannelKind.Queue:
                byte[] message = sending.Value(parsed, channel.Layout);
                byte[] payload = sending.Payload(parsed, channel);
                using (OpenedQueue queue = Sending.Open(name, () => OpenedQueue.Open(name, channel.Layout)))
                {
                    if (!queue.TryWrite(message, payload, sending.Timeout(parsed), cancellationToken))
                        throw new ToolException(ExitCode.Failed,
                            $"The queue '{name}' had no room within {sending.Timeout(parsed).TotalSeconds} s.");
                }

                break;
            case ChannelKind.Call:
                throw new ToolException(ExitCode.Usage, $"'{name}' is a channel of calls: `typedshm call {name} FIELD=VALUE…` asks it.");
            default:
                throw Denied(channel);
        }

        if (sending.IsJson(parsed))
            JsonLines.Write(writer =>
            {
                writer.WriteString("name", name);
                writer.WriteString("kind", channel.Kind.ToString().ToLowerInvariant());
            });
        return ExitCode.Ok;
    }

    private static ToolException Denied(SharedInspector channel)
    {
        string remedy = channel.Kind == ChannelKind.Struct
            ? "Have it created with SharedStructOptions.AllowPeersToWrite, if others are to write it."
            : "Ask that process instead, by a queue that it reads or calls that it serves.";
        return new ToolException(ExitCode.Denied, $"'{channel.Name}' is a {channel.Kind.ToString().ToLowerInvariant()} that its creator "
            + $"alone can write, {channel.Owner}: its memory is sealed, and the kernel refuses all others. {remedy}");
    }
}
