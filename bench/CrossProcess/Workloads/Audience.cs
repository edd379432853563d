namespace TypedShm.CrossProcess.Workloads;

/// <summary>What a write of a state costs with many readers that are connected and would sleep, but do not just now.</summary>
internal sealed class Audience(string name, int readers, int count) : Workload(name)
{
    private SharedStateWriter<Value64>? _writer;
    private SharedStateReader<Value64>[] _readers = [];
    private readonly Value64 _value = Words.Blank<Value64>();
    private long _number;

    public override void OpenMain() =>
        _writer = SharedState.Create<Value64>(Name, new SharedStateOptions { MaxPeers = readers, Wait = WaitMode.Park });

    public override void OpenPeer() =>
        _readers = [.. Enumerable.Range(0, readers).Select(_ => SharedState.Open<Value64>(Name, Options.Open(WaitMode.Park)))];

    public override Run RunMain()
    {
        long start = Now();
        for (int i = 0; i < count; i += Chunk)
            Write(_writer!);
        return new Run(start, Now(), count);
    }

    public override Run RunPeer()
    {
        long at = Now();
        return new Run(at, at, _readers.Length);
    }

    public override void Dispose()
    {
        _writer?.Dispose();
        foreach (SharedStateReader<Value64> reader in _readers)
            reader.Dispose();
    }

    private void Write(SharedStateWriter<Value64> writer)
    {
        for (int i = 0; i < Chunk; i++)
        {
            using StateClaim<Value64> claim = writer.Replace();
            ref Value64 value = ref claim.Value;
            value = _value;
            Words.Number(ref value) = ++_number;
            claim.Commit();
        }
    }
}
