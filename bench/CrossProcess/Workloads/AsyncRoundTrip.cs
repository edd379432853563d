namespace TypedShm.CrossProcess.Workloads;

/// <summary>There and back through two queues, 56 bytes, with await on both sides.</summary>
internal sealed class AsyncRoundTrip(string name, WaitMode wait, int count) : Workload(name)
{
    private SharedQueueReader<Message56> _in = null!;
    private SharedQueueWriter<Message56> _out = null!;
    private long _number;
    private long _last;
    private long _suspended;

    public override Pinning Pinning => Pinning.Process;

    public override void OpenMain()
    {
        _in = SharedQueue.CreateReader<Message56>($"{Name}-back", Options.Queue(wait));
        _out = SharedQueue.OpenWriter<Message56>($"{Name}-there", Options.Open(wait));
    }

    public override void OpenPeer()
    {
        _in = SharedQueue.CreateReader<Message56>($"{Name}-there", Options.Queue(wait));
        _out = SharedQueue.OpenWriter<Message56>($"{Name}-back", Options.Open(wait));
    }

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

    public override void Dispose()
    {
        _out?.Dispose();
        _in?.Dispose();
    }

    private async Task AskAsync()
    {
        Message56 message = default;
        for (int i = 0; i < count; i++)
        {
            message.Number = ++_number;
            await _out.WriteAsync(message).ConfigureAwait(false);
            ValueTask<Message56> read = _in.ReadAsync();
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
            ValueTask<Message56> read = _in.ReadAsync();
            _suspended += read.IsCompleted ? 0 : 1;
            await _out.WriteAsync(await read.ConfigureAwait(false)).ConfigureAwait(false);
        }
    }
}
