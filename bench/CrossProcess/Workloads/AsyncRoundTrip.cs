namespace TypedShm.CrossProcess.Workloads;

/// <summary>There and back through two queues, 56 bytes, with await on both sides.</summary>
internal sealed class AsyncRoundTrip(string name, WaitMode wait, int count)
    : TwoQueues<Message56>(name, Options.Queue(wait), Options.Queue(wait))
{
    private long _number;
    private long _last;
    private long _suspended;

    public override Pinning Pinning => Pinning.Process;

    public override Run RunMain()
    {
        _suspended = 0;
        long start = _last = Now();
        AskAsync().GetAwaiter().GetResult();
        return new Run(start, Now(), count, Suspended: _suspended);
    }

    public override Run RunPeer()
    {
        _suspended = 0;
        AnswerAsync().GetAwaiter().GetResult();
        return new Run(0, Now(), count, Suspended: _suspended);
    }

    private async Task AskAsync()
    {
        Message56 message = default;
        for (int i = 0; i < count; i++)
        {
            message.Number = ++_number;
            await Out.WriteAsync(message).ConfigureAwait(false);
            ValueTask<Message56> read = In.ReadAsync();
            _suspended += read.IsCompleted ? 0 : 1;
            message = await read.ConfigureAwait(false);
            Check(message.Number, _number);
            Record(ref _last);
        }
    }

    private async Task AnswerAsync()
    {
        for (int i = 0; i < count; i++)
        {
            ValueTask<Message56> read = In.ReadAsync();
            _suspended += read.IsCompleted ? 0 : 1;
            await Out.WriteAsync(await read.ConfigureAwait(false)).ConfigureAwait(false);
        }
    }
}
