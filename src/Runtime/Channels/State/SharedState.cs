using TypedShm.Channels;
using TypedShm.Interop;
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
        where T : unmanaged, ISharedLayout<T>
    {
        Platform.Require();
        options ??= new SharedStateOptions();
        options.Validate();
        EndpointName endpoint = EndpointName.Parse(name);
        StateHost<T> host = new(endpoint.ShortName, options);
        try
        {
            SharedStateWriter<T> state = new(host);
            host.Listen(endpoint);
            return state;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Opens a state for reading, waiting for it to be created.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static SharedStateReader<T> Open<T>(string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T>
    {
        Platform.Require();

        // Complete already: with BlockingWaiter every wait on the way was made by this thread.
        return new(StateClient<T>.Open<BlockingWaiter>(EndpointName.Parse(name), options ?? new OpenOptions(), cancellationToken).AsTask().GetAwaiter().GetResult());
    }

    /// <summary>As <see cref="Open{T}"/>, without blocking a thread.</summary>
    /// <inheritdoc cref="SharedStruct.Open{T}"/>
    public static async ValueTask<SharedStateReader<T>> OpenAsync<T>(string name, OpenOptions? options = null, CancellationToken cancellationToken = default)
        where T : unmanaged, ISharedLayout<T>
    {
        Platform.Require();
        return new(await StateClient<T>.Open<AsyncWaiter>(EndpointName.Parse(name), options ?? new OpenOptions(), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Makes both ends in this process, without name or socket; the memory and everything above it are the real ones. For tests.</summary>
    /// <param name="options">As for <see cref="Create{T}"/>; both ends wait in the same way.</param>
    public static (SharedStateWriter<T> Writer, SharedStateReader<T> Reader) CreatePair<T>(SharedStateOptions? options = null)
        where T : unmanaged, ISharedLayout<T>
    {
        Platform.Require();
        options ??= new SharedStateOptions();
        options.Validate();
        StateHost<T> host = new("pair", options);
        try
        {
            SharedStateWriter<T> state = new(host);
            return (state, new SharedStateReader<T>(StateClient<T>.Pair(host, options.Wait, options.Fence)));
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }
}
