namespace TypedShm.Soak.Runs;

/// <summary>The writer calls, the reader serves and checks the requests; what comes back has to be the answer to what was asked.</summary>
internal sealed class CallRun : Run
{
    /// <summary>What the number of an answer has on that of its question.</summary>
    private const long Answer = 1L << 40;

    public override async Task Write(Plan plan, Tally tally, Meeting meeting)
    {
        Gauge gauge = default;
        await meeting.Await().ConfigureAwait(false);
        using SharedCallClient<Message, Message> client = SharedCall.Open<Message, Message>(plan.Name, plan.Open);
        for (long position = 0; position < plan.Messages; position++)
        {
            gauge.StartAfter(position == plan.WarmUp);
            Message answer;
            if (plan.IsAsync && plan.Fault == Fault.None)
            {
                answer = await Counted(tally, client.CallAsync(Message.Of(position))).ConfigureAwait(false);
            }
            else if (position % 2 == 0 && plan.Fault == Fault.None)
            {
                answer = client.Call(Message.Of(position));
            }
            else
            {
                using CallClaim<Message, Message> claim = client.Claim();
                plan.Fill(ref claim.Value, position);
                using CallReply<Message, Message> reply = claim.Call();
                answer = reply.Value;
            }

            tally.SawAt(in answer, plan.NumberAt(position) + Answer);
        }

        gauge.Stop(tally);
        await meeting.Await().ConfigureAwait(false);
        if (client.IgnoredResponses != 0)
            tally.Complaint = $"{client.IgnoredResponses} responses were to no call.";
    }

    public override async Task Read(Plan plan, Tally tally, Meeting meeting)
    {
        Gauge gauge = default;
        using CancellationTokenSource stop = new();
        using SharedCallServer<Message, Message> server =
            SharedCall.Create<Message, Message>(plan.Name, new SharedCallOptions { Wait = plan.Mode, Fence = plan.Fence });
        meeting.Say();
        try
        {
            if (plan.IsAsync)
            {
                await server.ServeAsync((call, _) => new ValueTask<Message>(Serve(call.Request)), stop.Token).ConfigureAwait(false);
            }
            else
            {
                server.Serve(
                    call =>
                    {
                        ref Message response = ref call.Response;
                        response = Serve(in call.Request);
                    },
                    stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // That was all.
        }

        tally.Lost += Math.Max(0, plan.Messages - tally.Next);

        // The calls of one client come one after another here, so this is never run by two threads at once.
        Message Serve(in Message request)
        {
            tally.Saw(in request);
            gauge.StartAfter(tally.Received == plan.WarmUp);
            if (tally.Received == plan.Messages)
            {
                gauge.Stop(tally);
                stop.Cancel();
            }

            return Message.Of(request.Number + Answer);
        }
    }
}
