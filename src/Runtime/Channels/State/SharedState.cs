using System.Diagnostics.CodeAnalysis;
using TypedShm.Channels;
using TypedShm.Ends;
using TypedShm.Transport;

namespace TypedShm;

/// <summary>
/// Shares the newest value of something between processes: one writer, any number of readers, each of which always reads a whole
/// value. What lies between two reads of a slow reader, it does not see.
/// </summary>
/// <example>
/// <code>
/// // program A writes                            // program B reads
/// using var pose =                               using var pose =
///     SharedState.Create&lt;Pose&gt;("pose");              SharedState.Open&lt;Pose&gt;("pose");
/// pose.Write(new Pose { Angle = 0.5 });          Console.WriteLine(pose.Read(out var generation).Angle);
/// using var claim = pose.Update();               pose.Wait(generation);
/// claim.View.Angle += 0.1;                       Console.WriteLine(pose.Read().Angle);
/// claim.Commit();
/// </code>
/// </example>
public static class SharedState
{
    /// <summary>Creates a state under a name and lets readers connect. Its value is zeros until the first write.</summary>
    /// <inheritdoc cref="SharedStruct.Create{T}"/>
    public static SharedStateWriter<T> Create<T>(string name, SharedStateOptions? options = null)
        where T : unmanaged, ISharedLayout<T> => Opening.Create(name, options, Host<T>, Writer);

    /// <summary>Opens a state for reading, waiting for it to be created.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static SharedStateReader<T> Open<T>(string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T> => Opening.Open(name, options, StateClient<T>.Request, Reader<T>, cancellationToken);

    /// <summary>As <see cref="Open{T}"/>, without blocking a thread.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static ValueTask<SharedStateReader<T>> OpenAsync<T>(
        string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T> => Opening.OpenAsync(name, options, StateClient<T>.Request, Reader<T>, cancellationToken);

    /// <summary>As <see cref="Open{T}"/>, but asks without waiting: opens what is there.</summary>
    /// <param name="name">The name that it is created under.</param>
    /// <param name="opened">The end that was opened.</param>
    /// <param name="options">Whom to trust, whether to connect again; the defaults if null. Its time-out does not matter.</param>
    /// <returns><see langword="false"/> if its creator is not there, or has not answered within a second.</returns>
    /// <exception cref="LayoutMismatchException">The creator was compiled with another layout.</exception>
    /// <exception cref="PeerRefusedException">The creator's policy, or that of the options, does not allow it.</exception>
    public static bool TryOpen<T>(string name, [NotNullWhen(true)] out SharedStateReader<T>? opened, OpenOptions? options = null)
        where T : unmanaged, ISharedLayout<T> => Opening.TryOpen(name, options, StateClient<T>.Request, Reader<T>, out opened);

    /// <summary>
    /// Makes both ends in this process, without name or socket; the memory and everything above it are the real ones. For tests.
    /// </summary>
    /// <param name="options">As for <see cref="Create{T}"/>.</param>
    /// <param name="openOptions">Those of the end that opens; if null, it waits as the other one does.</param>
    public static (SharedStateWriter<T> Writer, SharedStateReader<T> Reader) CreatePair<T>(
        SharedStateOptions? options = null, OpenOptions? openOptions = null)
        where T : unmanaged, ISharedLayout<T> => Opening.Pair(options, openOptions, Host<T>, Writer, StateClient<T>.Request, Reader<T>);

    private static StateHost<T> Host<T>(EndpointName endpoint, SharedStateOptions options)
        where T : unmanaged, ISharedLayout<T> => new(endpoint, options);

    private static SharedStateWriter<T> Writer<T>(StateHost<T> host)
        where T : unmanaged, ISharedLayout<T> => new(host);

    private static SharedStateReader<T> Reader<T>(Opened opened)
        where T : unmanaged, ISharedLayout<T> => new(new StateClient<T>(opened));
}
