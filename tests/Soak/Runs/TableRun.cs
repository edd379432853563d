namespace TypedShm.Soak.Runs;

/// <summary>
/// Message n goes to element n % <see cref="Elements"/>, whose version is then n + 1; the last version of each must come.
/// </summary>
internal sealed class TableRun : Run
{
    private const int Elements = 100;

    public override async Task Write(Plan plan, Tally tally, Meeting meeting)
    {
        Gauge gauge = default;
        using SharedTableWriter<Message> table =
            SharedTable.Create<Message>(plan.Name, Elements, new SharedTableOptions { Wait = plan.Mode, Fence = plan.Fence });
        await meeting.Await().ConfigureAwait(false);

        for (long position = 0; position < plan.Messages; position++)
        {
            gauge.StartAfter(position == plan.WarmUp);
            GiveTime(plan, position);
            int index = (int)(position % Elements);
            if (position / Elements % 2 == 0 && plan.Fault == Fault.None)
            {
                table.Write(index, Message.Of(position));
            }
            else
            {
                using TableClaim<Message> claim = table.Update(index);
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
        using SharedTableReader<Message> reader = SharedTable.Open<Message>(plan.Name, plan.Open);
        TableGeneration generation = default;
        long[] versions = new long[Elements];
        long due = Math.Min(plan.Messages, Elements);
        long finished = 0;
        meeting.Say();
        while (finished < due)
        {
            if (plan.IsAsync)
                await Counted(tally, reader.WaitAsync(generation)).ConfigureAwait(false);
            else
                reader.Wait(in generation);

            foreach (int index in reader.TakeChanges(ref generation))
            {
                Message message = Take(reader, index, tally, out long version);
                long last = plan.Messages - ((plan.Messages - 1 - index) % Elements);
                if (version < versions[index])
                    tally.Reordered++;
                if (version == last && versions[index] != last)
                    finished++;
                versions[index] = version;
                if (version > 0)
                    tally.SawAt(in message, version - 1);
                gauge.StartAfter(tally.Next >= plan.WarmUp);
            }
        }

        gauge.Stop(tally);
    }

    private static Message Take(SharedTableReader<Message> reader, int index, Tally tally, out long version)
    {
        while (true)
        {
            if ((tally.Received + tally.Retries) % 2 == 0)
            {
                if (reader.TryRead(index, out Message message, out version))
                    return message;
            }
            else
            {
                TableLease<Message> lease = reader.Lease(index);
                version = lease.Version;
                Message message = lease.Value;
                if (IsSlow(tally.Received + tally.Retries))
                {
                    for (int look = 0; look < Patience && lease.IsIntact; look++)
                        Dawdle();
                    message = lease.Value;
                }

                if (lease.IsIntact)
                    return message;
            }

            tally.Retries++;
        }
    }
}
