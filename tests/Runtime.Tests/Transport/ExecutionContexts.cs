using System.Runtime.CompilerServices;

namespace TypedShm.Tests.Transport;

/// <summary>Whoever creates or opens a channel leaves nothing of his execution context in it: request scopes end, ends live on.</summary>
public sealed class ExecutionContexts(ITestOutputHelper output) : SharingTest(output)
{
    private static readonly AsyncLocal<object?> s_local = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_end_does_not_keep_the_async_locals_of_who_made_it(bool asynchronous)
    {
        string name = NewName();
        (IDisposable[] ends, WeakReference value) = await Make(name, asynchronous);

        await Until(
            () =>
            {
                GC.Collect();
                return !value.IsAlive;
            },
            "the value is collected");

        Array.ForEach(ends, end => end.Dispose());
    }

    // On a thread of its own, so that nothing of the test's own tasks has the value.
    private static Task<(IDisposable[], WeakReference)> Make(string name, bool asynchronous)
    {
        TaskCompletionSource<(IDisposable[], WeakReference)> made = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() =>
        {
            try
            {
                made.SetResult(MakeHere(name, asynchronous));
            }
            catch (Exception error)
            {
                made.SetException(error);
            }
        });
        thread.UnsafeStart();
        return made.Task;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (IDisposable[], WeakReference) MakeHere(string name, bool asynchronous)
    {
        object value = new();
        s_local.Value = value;
        SharedStructWriter<Telemetry> created = SharedStruct.Create<Telemetry>(name);
        OpenOptions options = new() { Timeout = Peer.Patience, Reconnect = true };
        SharedStructReader<Telemetry> opened = asynchronous
            ? SharedStruct.OpenAsync<Telemetry>(name, options).AsTask().GetAwaiter().GetResult()
            : SharedStruct.Open<Telemetry>(name, options);
        s_local.Value = null;
        return ([created, opened], new WeakReference(value));
    }
}
