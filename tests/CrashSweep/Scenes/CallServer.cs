using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Victims;

namespace TypedShm.CrashSweep.Scenes;

/// <summary>A server of calls dies; each call that is open fails, and the next ones are answered by its successor.</summary>
internal sealed class CallServer : Scene
{
    private const int Calls = 40;
    private const int SuccessorsCalls = 4;

    public override string Name => "call server";

    public override string Code => "Cs";

    public override void Live(Life life)
    {
        using SharedCallServer<Mark, Mark> server = SharedCall.Create<Mark, Mark>(life.Name, new() { Capacity = 8, Wait = WaitMode.Park });
        for (int i = 0; i < Calls; i++)
        {
            server.TryServe(
                call =>
                {
                    Mark request = call.Request;
                    life.Check(in request, request.Number);
                    life.Begin(Math.Max(life.Journal.Begun, request.Number + 1));
                    call.Response = Mark.Of(Mark.Original, request.Number);
                },
                Timeout.InfiniteTimeSpan);
        }
    }

    public override void Survive(Trial trial)
    {
        using SharedCallClient<Mark, Mark> client = SharedCall.Open<Mark, Mark>(trial.Name, trial.Open);
        trial.Begin(client);
        Task successor = trial.Beside(() => ServeAsSuccessor(trial, client));
        int answered = 0;
        for (long number = 0; answered < SuccessorsCalls; number++)
        {
            try
            {
                Life.Pause(number);
                Mark request = Mark.Of(Mark.Original, number);
                Mark response = trial.IsAsync
                    ? client.CallAsync(request, trial.Late).AsTask().GetAwaiter().GetResult()
                    : client.Call(request, trial.Late);
                if (!response.IsWhole)
                    trial.Findings.AddTorn(trial, 1, $"the answer to call {number} is not whole.");
                else if (response.Number != number)
                    trial.Findings.AddDoubled(trial, 1, $"call {number} got the answer to call {response.Number}.");
                else if (response.Source == Mark.Original && number >= trial.Journal.Begun)
                    trial.Findings.AddDoubled(trial, 1, $"call {number} was answered, but not carried out.");
                answered += response.Source == Mark.Successor ? 1 : 0;
            }
            catch (PeerGoneException) when (!trial.Late.IsCancellationRequested)
            {
                // Its outcome is unknown: it may have been carried out.
            }
        }

        successor.GetAwaiter().GetResult();
    }

    private static void ServeAsSuccessor(Trial trial, SharedCallClient<Mark, Mark> client)
    {
        trial.Await(() => trial.IsGone, "the victim has ended");
        trial.AwaitLoss(client);
        using SharedCallServer<Mark, Mark> server = SharedCall.Create<Mark, Mark>(trial.Name);
        for (int i = 0; i < SuccessorsCalls; i++)
            server.TryServe(call => call.Response = Mark.Of(Mark.Successor, call.Request.Number), Timeout.InfiniteTimeSpan, trial.Late);
        trial.Await(() => server.Peers.Count == 0 || client.State == ConnectionState.Connected, "the answers are on their way");
    }
}
