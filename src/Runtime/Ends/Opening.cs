using System.Diagnostics.CodeAnalysis;
using TypedShm.Interop;
using TypedShm.Transport;

namespace TypedShm.Ends;

/// <summary>A connection that was just made.</summary>
/// <param name="Endpoint">Where.</param>
/// <param name="Request">What was asked for.</param>
/// <param name="Result">What it has come to.</param>
/// <param name="Again">Makes another one like it: on this thread, so that it is complete when it returns, or without one.</param>
internal sealed record Opened(
    EndpointName Endpoint, ConnectRequest Request, ConnectResult Result, Func<bool, CancellationToken, ValueTask<ConnectResult>> Again)
    : IDisposable
{
    /// <summary>
    /// Whether there is no connection yet, but memory as of a creator that has published nothing, see <see cref="OpenOptions.Lazy"/>.
    /// </summary>
    public bool IsPlaceholder { get; private init; }

    /// <summary>
    /// Of an end that connects again: the thread on which it tries once more where it can start none of its own. Held from the start, when
    /// that it cannot be had is an exception of whoever opens; it could be nobody's later on.
    /// </summary>
    public SocketPoller? Poller { get; private init; }

    /// <summary>Takes a connection over, whatever happens.</summary>
    /// <exception cref="SystemCallException">The poller cannot be had.</exception>
    public static Opened Of(
        EndpointName endpoint, ConnectRequest request, ConnectResult result, Func<bool, CancellationToken, ValueTask<ConnectResult>> again)
    {
        try
        {
            return new Opened(endpoint, request, result, again)
            {
                IsPlaceholder = result.Link is NobodyLink,
                Poller = request.Options.Reconnect || request.Options.Lazy ? SocketPoller.Hold() : null,
            };
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    /// <summary>Gives everything up: no end was made of it.</summary>
    public void Dispose()
    {
        Poller?.Release();
        Result.Dispose();
    }
}

/// <summary>How every channel is created and opened: its own are only its host, its request and its ends.</summary>
internal static class Opening
{
    private static readonly EndpointName s_pair = EndpointName.Parse("@pair");

    /// <summary>Creates a channel under a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="options">The options; the defaults if null.</param>
    /// <param name="host">Makes the channel.</param>
    /// <param name="end">Makes the public object, before anybody can connect.</param>
    public static TEnd Create<TOptions, THost, TEnd>(
        string name, TOptions? options, Func<EndpointName, TOptions, THost> host, Func<THost, TEnd> end)
        where TOptions : ChannelOptions, new()
        where THost : ChannelHost
    {
        TOptions chosen = Checked(options);
        EndpointName endpoint = EndpointName.Parse(name);
        THost created = host(endpoint, chosen);
        try
        {
            TEnd made = end(created);
            created.Listen(endpoint);
            return made;
        }
        catch
        {
            created.Dispose();
            throw;
        }
    }

    /// <summary>Makes both ends of a channel in this process.</summary>
    /// <param name="options">The options; the defaults if null.</param>
    /// <param name="openOptions">Those of the other end; as the end that creates if null.</param>
    /// <param name="host">Makes the channel.</param>
    /// <param name="end">Makes the public object of the end that creates.</param>
    /// <param name="request">What the other end asks for.</param>
    /// <param name="other">Makes the public object of the other end.</param>
    public static (TEnd End, TOther Other) Pair<TOptions, THost, TEnd, TOther>(
        TOptions? options,
        OpenOptions? openOptions,
        Func<EndpointName, TOptions, THost> host,
        Func<THost, TEnd> end,
        Func<EndpointName, OpenOptions, ConnectRequest> request,
        Func<Opened, TOther> other)
        where TOptions : ChannelOptions, new()
        where THost : ChannelHost
    {
        TOptions chosen = Checked(options);
        THost created = host(s_pair, chosen);
        try
        {
            TEnd made = end(created);
            created.OnNameTaken();
            return (made, Join(created, openOptions ?? chosen.ToOpenOptions(), request, other));
        }
        catch
        {
            created.Dispose();
            throw;
        }
    }

    /// <summary>Makes another end of a channel of this process, without name or socket.</summary>
    public static TOther Join<TOther>(
        ChannelHost host, OpenOptions options, Func<EndpointName, OpenOptions, ConnectRequest> request, Func<Opened, TOther> other)
    {
        ConnectRequest asked = Ask(s_pair, options, request);
        return Finish(
            Opened.Of(s_pair, asked, host.Pair(asked), (_, _) => new ValueTask<ConnectResult>(host.Pair(asked))), other);
    }

    /// <summary>Opens a channel, waiting on this thread until it is created.</summary>
    /// <param name="name">The name.</param>
    /// <param name="options">The options; the defaults if null.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="end">Makes the public object.</param>
    /// <param name="cancellationToken">Ends the wait early.</param>
    public static TEnd Open<TEnd>(string name, OpenOptions? options,
        Func<EndpointName, OpenOptions, ConnectRequest> request, Func<Opened, TEnd> end, CancellationToken cancellationToken) =>

        // Complete already: with BlockingWaiter every wait on the way was made by this thread.
        Open<BlockingWaiter, TEnd>(name, options, request, end, cancellationToken).AsTask().GetAwaiter().GetResult();

    /// <summary>As the other one, without blocking a thread.</summary>
    public static ValueTask<TEnd> OpenAsync<TEnd>(string name, OpenOptions? options,
        Func<EndpointName, OpenOptions, ConnectRequest> request, Func<Opened, TEnd> end, CancellationToken cancellationToken) =>
        Open<AsyncWaiter, TEnd>(name, options, request, end, cancellationToken);

    /// <summary>Opens a channel if its creator is there.</summary>
    /// <returns>False if it is not, or does not answer.</returns>
    public static bool TryOpen<TEnd>(
        string name, OpenOptions? options, Func<EndpointName, OpenOptions, ConnectRequest> request, Func<Opened, TEnd> end,
            [NotNullWhen(true)] out TEnd? opened)
        where TEnd : class
    {
        try
        {
            opened = Open(name, (options ?? new OpenOptions()) with { Timeout = TimeSpan.Zero, Lazy = false }, request, end,
                CancellationToken.None);
            return true;
        }
        catch (TimeoutException)
        {
            opened = null;
            return false;
        }
    }

    private static async ValueTask<TEnd> Open<TWaiter, TEnd>(string name, OpenOptions? options,
        Func<EndpointName, OpenOptions, ConnectRequest> request, Func<Opened, TEnd> end, CancellationToken cancellationToken)
        where TWaiter : struct, IHandshakeWaiter
    {
        Platform.Require();
        options ??= new OpenOptions();
        options.Validate();
        EndpointName endpoint = EndpointName.Parse(name);
        ConnectRequest asked = Ask(endpoint, options, request);
        ConnectResult result = options.Lazy ? Placeholder(asked) : await Connect<TWaiter>(endpoint, asked, cancellationToken)
            .ConfigureAwait(false);
        return Finish(Opened.Of(endpoint, asked, result, Again), end);

        ValueTask<ConnectResult> Again(bool onThisThread, CancellationToken token) =>
            onThisThread ? Connect<BlockingWaiter>(endpoint, asked, token) : Connect<AsyncWaiter>(endpoint, asked, token);
    }

    private static ConnectRequest Ask(
        EndpointName endpoint, OpenOptions options, Func<EndpointName, OpenOptions, ConnectRequest> request)
    {
        ConnectRequest asked = request(endpoint, options);
        return options.Producer is null || asked.Producer is not null ? asked
            : throw new ArgumentException($"OpenOptions.Producer is '{options.Producer}', but only who opens a queue to write to it is a "
                + "producer (SharedQueue.OpenWriter). Leave it out.");
    }

    private static ValueTask<ConnectResult> Connect<TWaiter>(
        EndpointName endpoint, ConnectRequest request, CancellationToken cancellationToken)
        where TWaiter : struct, IHandshakeWaiter =>
        Connector.Connect<TWaiter>(endpoint, request, Deadline.After(request.Options.Timeout), cancellationToken);

    private static ConnectResult Placeholder(ConnectRequest request)
    {
        IDisposable memory = request.MakePlaceholder();
        try
        {
            return new ConnectResult(new NobodyLink(request.Role), new ClientRegions(memory), 0);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    private static TEnd Finish<TEnd>(Opened opened, Func<Opened, TEnd> end)
    {
        try
        {
            return end(opened);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    private static TOptions Checked<TOptions>(TOptions? options)
        where TOptions : ChannelOptions, new()
    {
        Platform.Require();
        options ??= new TOptions();
        options.Validate();
        return options;
    }
}
