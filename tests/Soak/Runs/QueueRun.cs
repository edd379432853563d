namespace TypedShm.Soak.Runs;

/// <summary>Writes and reads in each of the ways that a queue has, in turn.</summary>
internal sealed class QueueRun : Run
{
    private const int Batch = 7;

    public override async Task Write(Plan plan, Tally tally, Meeting meeting)
    {
        Gauge gauge = default;
        await meeting.Await().ConfigureAwait(false);
        using SharedQueueWriter<Message> writer = SharedQueue.OpenWriter<Message>(plan.Name, plan.Open);
        Message[] batch = new Message[Batch];
        for (long position = 0; position < plan.Messages;)
        {
            gauge.StartAfter(position == plan.WarmUp);
            long way = position % 8;
            if (plan.IsAsync)
            {
                if (!await Counted(tally, writer.WaitToWriteAsync()).ConfigureAwait(false))
                    throw new InvalidOperationException("The queue was completed.");
                LetRest(plan);
            }

            if (way == 1 && writer.Capacity >= Batch && position + Batch <= plan.Messages
                && (position >= plan.WarmUp || position + Batch <= plan.WarmUp) && plan.Fault == Fault.None)
            {
                for (int i = 0; i < Batch; i++)
                    batch[i].Fill(position + i);
                writer.WriteBatch(batch);
                position += Batch;
            }
            else if (way < 4 && plan.Fault == Fault.None)
            {
                writer.Write(Message.Of(position++));
            }
            else
            {
                using Claim<Message> claim = writer.Claim();
                plan.Fill(ref claim.Value, position++);
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
        using SharedQueueReader<Message> reader = SharedQueue.CreateReader<Message>(plan.Name,
            new SharedQueueOptions { Capacity = plan.Sleeps ? 1 : 1024, Wait = plan.Mode, Fence = plan.Fence });
        meeting.Say();
        while (await More(reader, plan, tally).ConfigureAwait(false))
        {
            // As often as there is something, and in another way each time.
            while (Take(reader, tally))
            {
                gauge.StartAfter(tally.Received >= plan.WarmUp);
            }
        }

        gauge.Stop(tally);
        tally.Lost += Math.Max(0, plan.Messages - tally.Next);
    }

    private static ValueTask<bool> More(SharedQueueReader<Message> reader, Plan plan, Tally tally) =>
        plan.IsAsync ? Counted(tally, reader.WaitToReadAsync()) : new ValueTask<bool>(reader.WaitToRead());

    private static bool Take(SharedQueueReader<Message> reader, Tally tally)
    {
        switch (tally.Received % 4)
        {
            case 0:
            {
                if (!reader.TryLease(out Lease<Message> lease))
                    return false;
                using (lease)
                    tally.Saw(in lease.Value);
                return true;
            }

            case 1:
            {
                if (!reader.TryLeaseBatch(Batch, out MessageBatch<Message> batch))
                    return false;
                using (batch)
                {
                    foreach (ref readonly Message message in batch)
                        tally.Saw(in message);
                }

                return true;
            }

            default:
            {
                if (!reader.TryRead(out Message message))
                    return false;
                tally.Saw(in message);
                return true;
            }
        }
    }
}
