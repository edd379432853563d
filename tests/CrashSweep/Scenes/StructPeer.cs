using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Victims;

namespace TypedShm.CrashSweep.Scenes;

/// <summary>A writer of a live struct dies that another process has created; it announces what it has changed over its socket.</summary>
internal sealed class StructPeer : Scene
{
    private const int Signals = 40;

    public override string Name => "struct peer";

    public override string Code => "Mp";

    public override void Live(Life life)
    {
        using SharedStructWriter<Mark> shared = SharedStruct.OpenReadWrite<Mark>(life.Name, Life.Open);
        for (long number = 1; number <= Signals; number++)
        {
            life.Begin(number);
            Volatile.Write(ref shared.Value.Number, number);
            shared.Signal();
            life.Done(number);
            while (Volatile.Read(ref shared.Value.Last) < number)
                shared.Wait();
        }
    }

    public override void Survive(Trial trial)
    {
        using SharedStructWriter<Mark> shared = SharedStruct.Create<Mark>(
            trial.Name, new() { Wait = WaitMode.Park, Fence = trial.Fence, AllowPeersToWrite = true });

        // Nothing ends a creator's wait for a signal but a signal. Not disposed: events may come late.
        CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(trial.NeverCame(shared));
        shared.PeerLeft += (_, _) => over.Cancel();
        trial.Begin(shared);
        try
        {
            while (true)
            {
                // Answered, so that the other side waits for each.
                Volatile.Write(ref shared.Value.Last, Volatile.Read(ref shared.Value.Number));
                shared.Signal();
                if (trial.IsAsync)
                    shared.WaitAsync(over.Token).AsTask().GetAwaiter().GetResult();
                else
                    shared.Wait(over.Token);
            }
        }
        catch (OperationCanceledException) when (!trial.Late.IsCancellationRequested)
        {
            // It has left, or never came.
        }

        trial.Await(() => trial.IsGone && shared.Peers.Count == 0, "the victim is known to have left");
        long last = shared.Value.Number;
        if (last < trial.Journal.Done || last > trial.Journal.Begun)
            trial.Findings.AddLost(trial, 1, $"{last} is there, but {trial.Journal.Done} was stored and {trial.Journal.Begun} begun.");

        using SharedStructWriter<Mark> successor = SharedStruct.OpenReadWrite<Mark>(trial.Name, cancellationToken: trial.Late);
        successor.Value.Source = Mark.Successor;
        if (shared.Value.Source != Mark.Successor)
            trial.Findings.AddLost(trial, 1, "what the next writer has stored is not there.");
    }
}
