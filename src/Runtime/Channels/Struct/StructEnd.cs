using TypedShm.Transport;

namespace TypedShm.Channels;

/// <summary>What both ends of a shared struct can do: that of its creator, and that of a process that opened it.</summary>
internal interface IStructEnd<T>
    where T : unmanaged, ISharedLayout<T>
{
    CurrentStruct<T> CurrentStruct { get; }

    void Signal();

    /// <returns>False if the deadline passed.</returns>
    bool Wait(Deadline deadline, CancellationToken cancellationToken);

    ValueTask<bool> WaitAsync(Deadline deadline, CancellationToken cancellationToken);
}
