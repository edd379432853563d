namespace TypedShm.Soak.Runs;

/// <summary>Version v of the state must hold number v - 1, whole, and the last one must come.</summary>
internal sealed class StateRun : Run
{
    public override async Task Write(Plan plan, Tally tally, Meeting meeting)
    {
        Gauge gauge = default;
        using SharedStateWriter<Message> state =
            SharedState.Create<Message>(plan.Name, new SharedStateOptions { Wait = plan.Mode, Fence = plan.Fence });
        await meeting.Await().ConfigureAwait(false);

        for (long position = 0; position < plan.Messages; position++)
        {
            gauge.StartAfter(position == plan.WarmUp);
            GiveTime(plan, position);
            if (position % 3 == 0 && plan.Fault == Fault.None)
            {
                state.Write(Message.Of(position));
            }
            else
            {
                // An update begins as a copy, a replacement with whatever an older version left.
                using StateClaim<Message> claim = position % 3 == 1 ? state.Update() : state.Replace();
                plan.Fill(ref claim.Value, position);
                claim.Commit();
            }
        }

        gauge.Stop(tally);
        await meeting.Await().ConfigureAwait(false);
    }

    public override async Task Read(Plan plan, Tally tally, Meeting meeting)
    {
        Gauge gauge = default;
        using SharedStateReader<Message> reader = SharedState.Open<Message>(plan.Name, plan.Open);
        reader.Read(out StateGeneration generation);
        meeting.Say();
        while (generation.Version < plan.Messages)
        {
            if (plan.IsAsync)
                await Counted(tally, reader.WaitAsync(generation)).ConfigureAwait(false);
            else
                reader.Wait(in generation);

            while (reader.HasChanged(in generation))
            {
                if (!Take(reader, tally, out StateGeneration read))
                    continue;
                if (read.Version <= generation.Version)
                    tally.Reordered++;
                generation = read;
                gauge.StartAfter(generation.Version >= plan.WarmUp);
            }
        }

        gauge.Stop(tally);
    }

    private static bool Take(SharedStateReader<Message> reader, Tally tally, out StateGeneration generation)
    {
        Message message;
        if ((tally.Received + tally.Retries) % 2 == 0)
        {
            if (!reader.TryRead(out message, out generation))
            {
                tally.Retries++;
                return false;
            }
        }
        else
        {
            StateLease<Message> lease = reader.Lease();
            generation = lease.Generation;
            message = lease.Value;
            if (IsSlow(tally.Received + tally.Retries))
            {
                for (int look = 0; look < Patience && lease.IsIntact; look++)
                    Dawdle();
                message = lease.Value;
            }

            if (!lease.IsIntact)
            {
                tally.Retries++;
                return false;
            }
        }

        tally.SawAt(in message, generation.Version - 1);
        return true;
    }
}
