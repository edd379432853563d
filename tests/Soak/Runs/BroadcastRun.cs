namespace TypedShm.Soak.Runs;

/// <summary>A broadcast with one reader: received and lost must be all that was written.</summary>
internal sealed class BroadcastRun : Run
{
    private const int LossyCapacity = 64;

    public override async Task Write(Plan plan, Tally tally, Meeting meeting)
    {
        Gauge gauge = default;
        bool lossless = plan.Channel == Channel.Lossless;
        using SharedBroadcastWriter<Message> writer = SharedBroadcast.Create<Message>(plan.Name, new SharedBroadcastOptions
        {
            Capacity = !lossless ? LossyCapacity : plan.Sleeps ? 1 : 1024,
            Lossless = lossless,
            Wait = plan.Mode,
            Fence = plan.Fence,
        });
        await meeting.Await().ConfigureAwait(false);

        for (long position = 0; position < plan.Messages; position++)
        {
            gauge.StartAfter(position == plan.WarmUp);
            if (plan.IsAsync)
            {
                if (!await Counted(tally, writer.WaitToWriteAsync()).ConfigureAwait(false))
                    throw new InvalidOperationException("The broadcast was completed.");
                if (lossless)
                    LetRest(plan);
            }

            if (!lossless)
                GiveTime(plan, position);
            if (position % 2 == 0 && plan.Fault == Fault.None)
            {
                writer.Write(Message.Of(position));
            }
            else
            {
                using BroadcastClaim<Message> claim = writer.Claim();
                plan.Fill(ref claim.Value, position);
                claim.Commit();
            }
        }

        gauge.Stop(tally);
        writer.Complete();
        await meeting.Await().ConfigureAwait(false);
    }

    public override async Task Read(Plan plan, Tally tally, Meeting meeting)
    {
        Gauge gauge = default;
        using SharedBroadcastReader<Message> reader = SharedBroadcast.Open<Message>(plan.Name, plan.Open);
        bool lossless = reader.IsLossless;
        meeting.Say();
        while (await More(reader, plan, tally).ConfigureAwait(false))
        {
            while (Take(plan, reader, tally, lossless))
            {
                gauge.StartAfter(tally.Next >= plan.WarmUp);
            }
        }

        gauge.Stop(tally);

        // A lapped message was nobody's; those that were counted and those that were seen are all.
        tally.Lapped = reader.Lost;
        if (reader.Start != 0 || tally.Received + reader.Lost != plan.Messages)
            tally.Complaint = $"From message {reader.Start} on, {tally.Received} were received and {reader.Lost} counted as lost, of "
                + $"{plan.Messages}.";
        if (lossless)
            tally.Lost += reader.Lost;
    }

    private static ValueTask<bool> More(SharedBroadcastReader<Message> reader, Plan plan, Tally tally) =>
        plan.IsAsync ? Counted(tally, reader.WaitToReadAsync()) : new ValueTask<bool>(reader.WaitToRead());

    private static bool Take(Plan plan, SharedBroadcastReader<Message> reader, Tally tally, bool lossless)
    {
        bool slow = !lossless && IsSlow(tally.Received + tally.Retries);
        if ((tally.Received + tally.Retries) % 2 == 0)
        {
            if (slow)
                BeSlow(plan);
            if (!reader.TryRead(out Message message, out long lost))
                return false;
            Pass(tally, lost);
            tally.Saw(in message);
            return true;
        }

        long before = reader.Lost;
        if (!reader.TryLease(out BroadcastLease<Message> lease))
            return false;
        using (lease)
        {
            Pass(tally, reader.Lost - before);
            Message message = lease.Value;
            if (slow)
            {
                for (int look = 0; look < Patience && lease.IsIntact; look++)
                    Dawdle();
                message = lease.Value;
            }

            if (lease.IsIntact)
            {
                tally.Saw(in message);
            }
            else
            {
                tally.Retries++;
                tally.Next++;
            }
        }

        return true;
    }

    private static void Pass(Tally tally, long lost)
    {
        if (lost == 0)
            return;
        tally.Laps++;
        tally.Next += lost;
    }
}
