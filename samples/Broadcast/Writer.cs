using System.Buffers.Text;
using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using TypedShm;

namespace Switches;

/// <summary>Asks the kernel for its count of context switches, as often as it answers, and broadcasts each answer twice.</summary>
internal sealed class Writer : IDisposable
{
    private readonly SafeFileHandle _stat = File.OpenHandle("/proc/stat");
    private readonly byte[] _text = new byte[1 << 20];
    private readonly SharedBroadcastWriter<Sample> _lossy;
    private readonly SharedBroadcastWriter<Sample> _lossless;

    /// <param name="name">The broadcast that may lose messages has this name, the other one has ".all" behind it.</param>
    public Writer(string name)
    {
        // Whoever is more than 1,024 samples behind loses the oldest; the writer does not even notice.
        _lossy = SharedBroadcast.Create<Sample>(name, new() { Capacity = 1024 });

        // Here the writer waits for the slowest, but not for ever: a reader that holds one sample up for five seconds is cut off.
        _lossless = SharedBroadcast.Create<Sample>(
            $"{name}.all", new() { Capacity = 1024, Lossless = true, CutOffAfter = TimeSpan.FromSeconds(5) });
    }

    public long Samples => _lossless.Position;

    public long Switches { get; private set; }

    public int Readers => _lossy.Peers.Count + _lossless.Peers.Count;

    public void Run(TimeSpan duration)
    {
        long start = Stopwatch.GetTimestamp();
        long last = Read();
        while (Stopwatch.GetElapsedTime(start) < duration)
        {
            long total = Read();
            Sample sample = new() { Total = total, New = total - last };
            Switches += sample.New;
            last = total;
            _lossy.Write(sample);
            _lossless.Write(sample);
        }

        // Readers read to the end, and then know that this was all.
        _lossy.Complete();
        _lossless.Complete();
    }

    public void Dispose()
    {
        _lossy.Dispose();
        _lossless.Dispose();
        _stat.Dispose();
    }

    // … ctxt 123456789
    private long Read()
    {
        ReadOnlySpan<byte> text = _text.AsSpan(0, RandomAccess.Read(_stat, _text, 0));
        return Utf8Parser.TryParse(text[(text.IndexOf("\nctxt "u8) + 6)..], out long switches, out _)
            ? switches
            : throw new InvalidDataException("There is no line 'ctxt' in /proc/stat.");
    }
}
