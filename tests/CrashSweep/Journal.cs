using System.IO.MemoryMappedFiles;

namespace TypedShm.CrashSweep;

/// <summary>
/// What a victim has done, in a file that both processes map: the kernel keeps what was stored, however the process ends. Written by the
/// victim alone while it lives, but for what says otherwise.
/// </summary>
internal sealed unsafe class Journal : IDisposable
{
    private const int Length = 4096;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly long* _words;

    public Journal(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, Length);
        _view = _file.CreateViewAccessor();
        byte* address = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref address);
        _words = (long*)address;
    }

    /// <summary>What was begun: a message of a number of this or more was not even tried.</summary>
    public long Begun { get => Volatile.Read(ref _words[0]); set => Volatile.Write(ref _words[0], value); }

    /// <summary>What is done: whatever has a number of less was written, or was read, and the call has returned.</summary>
    public long Done { get => Volatile.Read(ref _words[1]); set => Volatile.Write(ref _words[1], value); }

    /// <summary>What the victim itself has read and found wrong.</summary>
    public long Torn { get => Volatile.Read(ref _words[2]); set => Volatile.Write(ref _words[2], value); }

    /// <summary>As <see cref="Torn"/>: messages that came again, or in another order.</summary>
    public long Doubled { get => Volatile.Read(ref _words[3]); set => Volatile.Write(ref _words[3], value); }

    /// <summary>As <see cref="Torn"/>: messages that were passed over.</summary>
    public long Lost { get => Volatile.Read(ref _words[4]); set => Volatile.Write(ref _words[4], value); }

    /// <summary>The victim has come to its point, and stops or ends there.</summary>
    public bool IsHit { get => Volatile.Read(ref _words[5]) != 0; set => Volatile.Write(ref _words[5], value ? 1 : 0); }

    /// <summary>The survivor is connected. Written by the survivor: what the victim did before that nobody would see.</summary>
    public bool IsAttended { get => Volatile.Read(ref _words[6]) != 0; set => Volatile.Write(ref _words[6], value ? 1 : 0); }

    /// <summary>Nothing was done yet.</summary>
    public void Clear() => new Span<long>(_words, Length / sizeof(long)).Clear();

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
