using TypedShm.CrashSweep.Driving;
using TypedShm.CrashSweep.Victims;

namespace TypedShm.CrashSweep.Scenes;

/// <summary>The writer of a broadcast dies; its reader gets what it committed, and then what its successor writes.</summary>
internal sealed class BroadcastWriter(bool lossless) : Scene
{
    private const int Messages = 48;
    private const int Batch = 3;
    private const int SuccessorsMessages = 5;

    // Longer than the other reader may need to come to its turn on a busy machine: it has read all by then, and holds nobody up.
    private static readonly TimeSpan s_cutOffAfter = TimeSpan.FromMilliseconds(300);

    public override string Name => lossless ? "lossless writer" : "lossy writer";

    public override string Code => lossless ? "Bw" : "Lw";

    public static SharedBroadcastOptions OptionsOf(bool lossless) => new() { Capacity = 8, Lossless = lossless, Wait = WaitMode.Park };

    public override void Live(Life life)
    {
        SharedBroadcastOptions options = OptionsOf(lossless);
        using SharedBroadcastWriter<Mark> writer = SharedBroadcast.Create<Mark>(
            life.Name, lossless ? options with { CutOffAfter = s_cutOffAfter } : options);
        life.AwaitPeers(writer, lossless ? 2 : 1);
        long next = 0;
        for (int round = 0; next < Messages; round++)
        {
            Life.Pause(round);
            int count = round % 3 == 2 ? Batch : 1;
            life.Begin(next + count);
            switch (round % 3)
            {
                case 0:
                    writer.Write(Mark.Of(Mark.Original, next));
                    break;
                case 1:
                    using (BroadcastClaim<Mark> claim = writer.Claim())
                    {
                        claim.Value = Mark.Of(Mark.Original, next);
                        claim.Commit();
                    }

                    break;
                default:
                    writer.WriteBatch([Mark.Of(Mark.Original, next), Mark.Of(Mark.Original, next + 1), Mark.Of(Mark.Original, next + 2)]);
                    break;
            }

            next += count;
            life.Done(next);
        }

        writer.Complete();
    }

    public override void Survive(Trial trial)
    {
        using SharedBroadcastReader<Mark> reader = SharedBroadcast.Open<Mark>(trial.Name, trial.Open);

        // It reads nothing, and is cut off.
        using SharedBroadcastReader<Mark>? slow = lossless
            ? SharedBroadcast.Open<Mark>(trial.Name, trial.Open with { Reconnect = false })
            : null;
        trial.Begin(reader);
        Task successor = trial.Beside(() => WriteAsSuccessor(trial, reader, slow));
        long[] next = new long[2];
        while (next[1] < SuccessorsMessages && trial.Wait(reader.WaitToRead, reader.WaitToReadAsync))
        {
            while (reader.TryRead(out Mark mark, out long lost))
            {
                ref long due = ref next[mark.Source == Mark.Successor ? 1 : 0];

                // What the reader says that it has lost is not lost without a word.
                due = trial.Check(in mark, due + lost);
                if (lossless && lost > 0)
                    trial.Findings.AddLost(trial, lost, "messages of a lossless broadcast were lost.");
            }
        }

        trial.Await(() => trial.IsGone, "the victim has ended");
        if (trial.Journal.Done > 0 || next[0] > 0)
            trial.CheckCommitted(next[0]);
        successor.GetAwaiter().GetResult();
    }

    private void WriteAsSuccessor(Trial trial, SharedBroadcastReader<Mark> survivor, SharedBroadcastReader<Mark>? slow)
    {
        trial.Await(() => trial.IsGone, "the victim has ended");
        trial.AwaitLoss(survivor);

        // Who has never been connected would come to this writer, and hold it up.
        slow?.Dispose();
        using SharedBroadcastWriter<Mark> writer = SharedBroadcast.Create<Mark>(trial.Name, OptionsOf(lossless));

        // One that has read to the end of a broadcast that was completed is done.
        using SharedBroadcastReader<Mark>? another = survivor.Completion.IsCompletedSuccessfully
            ? SharedBroadcast.Open<Mark>(trial.Name, cancellationToken: trial.Late)
            : null;
        trial.Await(() => writer.Peers.Count > 0 || survivor.Completion.IsCompleted, "the reader has found the successor");
        for (int i = 0; i < SuccessorsMessages; i++)
            writer.Write(Mark.Of(Mark.Successor, i), trial.Late);
        for (int i = 0; i < SuccessorsMessages && another is not null; i++)
            trial.Check(another.Read(trial.Late), i);
    }
}
