using System.IO.MemoryMappedFiles;
using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;

namespace TypedShm.Micro;

/// <summary>A field of shared memory: through a view, through a pointer in a class, and through .NET's accessor.</summary>
public unsafe class ViewAccess
{
    private SharedStructWriter<Value64> _writer = null!;
    private SharedStructReader<Value64> _reader = null!;
    private MemoryMappedFile _file = null!;
    private MemoryMappedViewAccessor _accessor = null!;
    private Value64* _pointer;

    [GlobalSetup]
    public void Open()
    {
        (_writer, _reader) = SharedStruct.CreatePair<Value64>();
        _pointer = (Value64*)Unsafe.AsPointer(ref _writer.Value);
        _file = MemoryMappedFile.CreateNew(null, Environment.SystemPageSize);
        _accessor = _file.CreateViewAccessor();
    }

    [GlobalCleanup]
    public void Close()
    {
        _writer.Dispose();
        _reader.Dispose();
        _accessor.Dispose();
        _file.Dispose();
    }

    [Benchmark(Baseline = true)]
    public double RawPointer()
    {
        _pointer->Number++;
        return _pointer->Rpm;
    }

    /// <summary>The check whether the end was disposed is in it.</summary>
    [Benchmark]
    public double View()
    {
        Value64.SharedView view = _writer.View;
        view.Number++;
        return view.Rpm;
    }

    [Benchmark]
    public double Accessor()
    {
        _accessor.Write(0, _accessor.ReadInt64(0) + 1);
        return _accessor.ReadDouble(sizeof(long));
    }

    [Benchmark]
    public Value64 ValueByView() => _writer.Value;

    /// <summary>A copy that is thrown away if the end was disposed while it was made.</summary>
    [Benchmark]
    public Value64 ReadChecked() => _reader.Read();

    [Benchmark]
    public Value64 ValueByAccessor()
    {
        _accessor.Read(0, out Value64 value);
        return value;
    }
}
