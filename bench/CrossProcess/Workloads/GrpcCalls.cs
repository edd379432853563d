using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TypedShm.CrossProcess.Workloads;

/// <summary>A unary gRPC call over a Unix socket, with 56 bytes of fields; the scheduler places its threads.</summary>
internal sealed class GrpcCalls(string name, int count) : Workload(name)
{
    private GrpcChannel? _channel;
    private Echo.EchoClient? _client;
    private WebApplication? _server;
    private readonly SemaphoreSlim _done = new(0);
    private long _number;
    private long _last;

    public override Pinning Pinning => Pinning.None;

    public override void OpenMain()
    {
        while (!File.Exists($"{Name}.ready"))
            Thread.Sleep(1);
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancelled) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Name), cancelled).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
        _client = new Echo.EchoClient(_channel);
    }

    public override void OpenPeer()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new Answers(count, _done));
        builder.WebHost.ConfigureKestrel(options => options.ListenUnixSocket(Name, listen => listen.Protocols = HttpProtocols.Http2));
        _server = builder.Build();
        _server.MapGrpcService<EchoService>();
        _server.StartAsync().GetAwaiter().GetResult();
        File.WriteAllText($"{Name}.ready", "");
    }

    public override Run RunMain()
    {
        long start = _last = Now();
        AskAsync().GetAwaiter().GetResult();
        return new Run(start, Now(), count);
    }

    public override Run RunPeer()
    {
        _done.Wait();
        return new Run(0, Now(), count);
    }

    public override void Dispose()
    {
        _channel?.Dispose();
        if (_server is not null)
            _server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _done.Dispose();
        File.Delete($"{Name}.ready");
        File.Delete(Name);
    }

    private async Task AskAsync()
    {
        for (int i = 0; i < count; i++)
        {
            Packet answer = await _client!.AnswerAsync(new Packet { Number = ++_number }).ConfigureAwait(false);
            Check(answer.Number, _number);
            Record(ref _last);
        }
    }
}

internal sealed class Answers(int perRound, SemaphoreSlim done)
{
    private int _count;

    public void Count()
    {
        if (Interlocked.Increment(ref _count) % perRound == 0)
            done.Release();
    }
}

internal sealed class EchoService(Answers answers) : Echo.EchoBase
{
    public override Task<Packet> Answer(Packet request, ServerCallContext context)
    {
        answers.Count();
        return Task.FromResult(request);
    }
}
