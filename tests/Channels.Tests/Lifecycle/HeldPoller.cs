using TypedShm.TestMessages;
using TypedShm.Transport;
using Xunit;

namespace TypedShm.Channels.Tests.Lifecycle;

/// <summary>Where an end tries to connect again that could start no thread to do so on.</summary>
public sealed class HeldPoller
{
    [Fact]
    public async Task An_end_that_connects_again_holds_the_thread_of_the_sockets_while_it_has_no_connection()
    {
        using SharedStateReader<Quote> lazy =
            SharedState.Open<Quote>($"@typedshm-test-{Guid.NewGuid():N}", new() { Lazy = true, Reconnect = true });
        SocketPoller poller = SocketPoller.Hold();
        poller.Release();

        // Were this the last who held it, the thread would end as soon as it has seen that.
        for (int i = 0; i < 50; i++)
        {
            TaskCompletionSource ran = new(TaskCreationOptions.RunContinuationsAsynchronously);
            Assert.True(poller.Post(ran.SetResult));
            await Until.Soon(ran.Task);
        }
    }

    [Fact]
    public async Task What_nobody_waits_for_any_more_does_not_run()
    {
        TaskCompletionSource ran = new(TaskCreationOptions.RunContinuationsAsynchronously);
        SocketPoller poller = SocketPoller.Hold();
        poller.PostAfter(TimeSpan.FromMilliseconds(1), ran.SetResult);
        await Until.Soon(ran.Task);
        poller.Release();

        // Whether the thread has ended or not: nothing is thrown.
        poller.PostAfter(TimeSpan.Zero, () => { });
    }
}
