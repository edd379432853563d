using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Victims;

namespace TypedShm.CrashSweep.Scenes;

/// <summary>A client of calls dies; the server has carried each call out once at most, and goes on with others.</summary>
internal sealed class CallClient : Scene
{
    private const int Calls = 40;

    public override string Name => "call client";

    public override string Code => "Cc";

    public override void Live(Life life)
    {
        using SharedCallClient<Mark, Mark> client = SharedCall.Open<Mark, Mark>(life.Name, Life.Open);
        for (long number = 0; number < Calls; number++)
        {
            life.Begin(number + 1);
            Mark request = Mark.Of(Mark.Original, number);
            Mark response;
            switch (number % 4)
            {
                case 0:
                    response = client.CallAsync(request).AsTask().GetAwaiter().GetResult();
                    break;
                case 1:
                    // Too short for the handler: the call is cancelled, which tells the server.
                    if (!client.TryCall(request, out response, TimeSpan.FromMilliseconds(1)))
                        continue;
                    break;
                default:
                    response = client.Call(request);
                    break;
            }

            life.Check(in response, number);
            life.Done(number + 1);
        }
    }

    public override void Survive(Trial trial)
    {
        using SharedCallServer<Mark, Mark> server = SharedCall.Create<Mark, Mark>(
            trial.Name, new() { Capacity = 8, Wait = WaitMode.Park, Fence = trial.Fence });
        trial.Begin(server);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(trial.Late);
        long next = 0;
        Task serving = trial.Beside(() => Serve(trial, server, ref next, over.Token));
        trial.Await(() => trial.IsGone && server.Peers.Count == 0, "the client is known to have left");
        trial.Await(() => Volatile.Read(ref next) >= trial.Journal.Done, "each call that was answered was carried out");

        using (SharedCallClient<Mark, Mark> successor = SharedCall.Open<Mark, Mark>(trial.Name, cancellationToken: trial.Late))
        {
            for (int i = 0; i < 3; i++)
                trial.Check(successor.Call(Mark.Of(Mark.Successor, i), trial.Late), i);
        }

        over.Cancel();
        serving.GetAwaiter().GetResult();
    }

    private static void Serve(Trial trial, SharedCallServer<Mark, Mark> server, ref long next, CancellationToken over)
    {
        long last = -1;
        try
        {
            while (true)
            {
                long number = -1;
                server.TryServe(
                    call =>
                    {
                        Mark request = call.Request;
                        if (!request.IsWhole)
                            trial.Findings.AddTorn(trial, 1, "a request is not whole.");
                        if (request.Source == Mark.Original)
                            number = request.Number;
                        if (request.Source == Mark.Original && request.Number % 4 == 1)
                            Thread.Sleep(3);
                        call.Response = request;
                    },
                    Timeout.InfiniteTimeSpan,
                    over);
                if (number < 0)
                    continue;
                if (number <= last)
                    trial.Findings.AddDoubled(trial, 1, $"call {number} was carried out after call {last}.");
                last = number;
                Volatile.Write(ref next, number + 1);
            }
        }
        catch (OperationCanceledException) when (!trial.Late.IsCancellationRequested)
        {
            // The client's successor is done.
        }
    }
}
