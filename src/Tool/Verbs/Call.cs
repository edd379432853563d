using System.CommandLine;
using TypedShm.Tool.Output;
using TypedShm.Tool.Writing;

namespace TypedShm.Tool.Verbs;

/// <summary><c>call</c>: asks a server, and shows what it answers.</summary>
internal static class Call
{
    public static Command Create() => new Sending().Verb(
        "call",
        """
        Sends a request to the server of a channel of calls, with zeros in fields that are not given, and shows the fields of its response.
        Exit code 1 if the handler failed or did not answer in time; whether it carried the call out is then not known.

        Examples:
          typedshm call prices Article=7
          typedshm call prices Article=7 --timeout 1 --json
        """,
        Run);

    private static int Run(Sending sending, ParseResult parsed, CancellationToken cancellationToken)
    {
        string name = sending.Name(parsed);
        using SharedInspector channel = Arguments.Open(name);
        if (channel.ResponseLayout is not { } responses)
            throw new ToolException(
                ExitCode.Usage, $"'{name}' is a {channel.Kind.ToString().ToLowerInvariant()}, and no channel of calls.");
        byte[] request = sending.Value(parsed, channel.Layout);
        byte[] payload = sending.Payload(parsed, channel);
        using OpenedCalls calls = Sending.Open(name, () => OpenedCalls.Open(name, channel.Layout, responses));
        if (calls.TryCall(request, payload, sending.Timeout(parsed), cancellationToken) is not { } answer)
            throw new ToolException(
                ExitCode.Failed, $"'{name}' did not answer within {sending.Timeout(parsed).TotalSeconds} s. The server was told that "
                    + "nobody waits any more; whether it carries the call out is not known.");
        SharedSnapshot response = new(responses, answer.Response, 0, null, 0, answer.Payload);
        if (sending.IsJson(parsed))
            JsonLines.Write(writer =>
            {
                writer.WriteString("name", name);
                writer.WritePropertyName("response");
                response.WriteTo(writer);
                if (channel.PayloadCapacity > 0)
                    writer.WriteBase64String("payload", response.Payload.Span);
            });
        else
            Print(response);
        return ExitCode.Ok;
    }

    private static void Print(SharedSnapshot response)
    {
        string payload = response.Payload.IsEmpty ? "" : $" + {Tail.Payload(response.Payload.Span)}";
        Console.Out.WriteLine($"{response.Layout.Name}{payload}");
        Screen.Write(Show.Fields(response));
    }
}
