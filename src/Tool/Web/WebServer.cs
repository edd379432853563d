using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using TypedShm.Tool.Layouts;

namespace TypedShm.Tool.Web;

/// <summary>Serves the page and what it shows: on loopback, to those who have the token, for reading.</summary>
/// <remarks>
/// <para>
/// A channel is open to its own user, but loopback to every user of the machine: hence the token, 128 random bits for each run. It stands
/// behind the <c>#</c> of the address, which a browser sends to nobody, and the page sends it in the header <c>Authorization</c>, which a
/// page of another origin cannot have added without being asked about by CORS, which is not answered here. It is no cookie: cookies know no
/// ports, so a browser would send it to the server of another user on the same host, too.
/// </para>
/// <para>
/// A page elsewhere whose own name is made to point here (DNS rebinding) has that name in <c>Host</c>, and is refused. The port is not
/// compared, since <c>ssh -L</c> may change it. What peers have named is text to the page; the policy of its content lets no script run but
/// its own, should it ever forget that.
/// </para>
/// </remarks>
internal sealed class WebServer : IAsyncDisposable
{
    private const int TokenBytes = 16;
    private const int MostConnections = 64;

    private static readonly string s_contentPolicy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        + $"style-src 'self' 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(SvgMap.Style)))}'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly WebApplication _app;
    private readonly Overview _overview = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly string _token = RandomNumberGenerator.GetHexString(TokenBytes * 2, lowercase: true);
    private readonly byte[] _authorization;

    private WebServer(int port)
    {
        _authorization = Encoding.ASCII.GetBytes($"Bearer {_token}");

        // Empty: no settings of the environment or of the folder that it is started in may add an address or a log.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.MaxRequestBodySize = 0;
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddHostFiltering(hosts =>
        {
            hosts.AllowedHosts = ["127.0.0.1", "localhost", "[::1]"];
            hosts.AllowEmptyHosts = false;
        });
        _app = builder.Build();
        _app.UseHostFiltering();
        _app.Use(Protect);
        foreach (Asset asset in Asset.All)
            _app.MapGet(asset.Path, asset.Send);
        _app.MapGet("/events", SendEvents);
    }

    /// <summary>The address, with the token.</summary>
    public string Address => $"{_app.Urls.First()}/#token={_token}";

    /// <exception cref="ToolException">The port is taken, or not for this user.</exception>
    public static async Task<WebServer> Start(int port, CancellationToken cancellationToken)
    {
        WebServer server = new(port);
        try
        {
            await server._app.StartAsync(cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch (Exception error)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw error switch
            {
                IOException { InnerException: AddressInUseException } => new ToolException(
                    ExitCode.Failed, $"Port {port} of 127.0.0.1 is taken. Give another one with --port, or 0 for one that is free."),
                SocketException { SocketErrorCode: SocketError.AccessDenied } => new ToolException(
                    ExitCode.Denied, $"This user may not use port {port}. Give one above 1023 with --port, or 0 for one that is free."),
                _ => error,
            };
        }
    }

    public async ValueTask DisposeAsync()
    {
        // A page's events have no end of their own, and those that are being served are waited for.
        await _stop.CancelAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private static Task Protect(HttpContext context, RequestDelegate next)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = s_contentPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return next(context);
    }

    private async Task SendEvents(HttpContext context)
    {
        string authorization = context.Request.Headers.Authorization.ToString();
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(authorization), _authorization))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return;
        }

        string? channel = context.Request.Query["channel"];
        if (!int.TryParse(context.Request.Query["element"].ToString() is { Length: > 0 } given ? given : "0", out int element)
            || element < 0)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync("'element' is the number of an element of a table.", context.RequestAborted)
                .ConfigureAwait(false);
            return;
        }

        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stop.Token);
        context.Response.ContentType = "text/event-stream";
        EventWriter events = new(context.Response.BodyWriter);
        using PageEvents page = new(events, _overview, string.IsNullOrEmpty(channel) ? null : channel, element);
        try
        {
            await page.Send(end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The page was closed, or the command is ended.
        }
        catch (Exception error) when (error is IOException or SharedMemoryException or UnauthorizedAccessException)
        {
            // Nothing else would tell: what is half sent cannot be taken back. The page tries again.
            await Console.Error.WriteLineAsync($"typedshm: {error.Message}").ConfigureAwait(false);
            context.Abort();
        }
    }
}
