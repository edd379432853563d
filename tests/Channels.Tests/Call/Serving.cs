using TypedShm.TestMessages;

namespace TypedShm.Channels.Tests.Calls;

/// <summary>A server at work, until it is disposed.</summary>
internal sealed class Serving : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly SharedCallServer<Quote, Answer> _server;
    private readonly Task _work;

    private Serving(SharedCallServer<Quote, Answer> server, Func<CancellationToken, Task> work)
    {
        _server = server;
        _work = Task.Factory.StartNew(
            () => work(_stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
    }

    public static Serving InPlace(SharedCallServer<Quote, Answer> server, CallHandler<Quote, Answer> handler) => new(server, stop =>
    {
        server.Serve(handler, stop);
        return Task.CompletedTask;
    });

    public static Serving Echo(SharedCallServer<Quote, Answer> server) =>
        InPlace(server, static call => call.Response = Answer.To(call.Request));

    public static Serving Async(SharedCallServer<Quote, Answer> server, Func<Quote, CancellationToken, ValueTask<Answer>> handler) =>
        new(server, stop => server.ServeAsync((call, cancelled) => handler(call.Request, cancelled), stop));

    public void Dispose()
    {
        _stop.Cancel();
        try
        {
            _work.GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            // As it was told.
        }

        _server.Dispose();
        _stop.Dispose();
    }
}
