using BenchmarkDotNet.Attributes;

namespace TypedShm.Micro;

/// <summary>A value written and read whole, by size.</summary>
[GenericTypeArguments(typeof(Value64))]
[GenericTypeArguments(typeof(Value256))]
[GenericTypeArguments(typeof(Value4096))]
public class States<T>
    where T : unmanaged, ISharedLayout<T>
{
    private SharedStateWriter<T> _writer = null!;
    private SharedStateReader<T> _reader = null!;
    private readonly T _value = new();

    [GlobalSetup]
    public void Open() => (_writer, _reader) = SharedState.CreatePair<T>();

    [GlobalCleanup]
    public void Close()
    {
        _writer.Dispose();
        _reader.Dispose();
    }

    [Benchmark]
    public void Write() => _writer.Write(in _value);

    [Benchmark]
    public void Replace()
    {
        using StateClaim<T> claim = _writer.Replace();
        claim.Value = _value;
        claim.Commit();
    }

    [Benchmark]
    public T Read() => _reader.Read();
}
