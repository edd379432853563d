using TypedShm.TestMessages;
using Xunit;

namespace TypedShm.Channels.Tests;

public class WaitSetTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    // One bell, a few (futex_waitv), and more than one call takes (sockets).
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(127)]
    [InlineData(130)]
    public async Task Any_of_several_channels_ends_a_wait(int count)
    {
        (SharedStructWriter<Quote> Writer, SharedStructReader<Quote> Reader)[] pairs =
            [.. Enumerable.Range(0, count).Select(_ => SharedStruct.CreatePair<Quote>())];
        SharedWaitSet all = new([.. pairs.Select(pair => pair.Reader)]);
        Assert.False(all.TryWaitAny(out _, TimeSpan.FromMilliseconds(10)));
        Assert.Null(await all.TryWaitAnyAsync(TimeSpan.FromMilliseconds(10)));
        foreach (int chosen in (int[])[0, count - 1, count / 2])
        {
            Task<int> onThread =
                Task.Factory.StartNew(() => all.WaitAny(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            Task<int> onTask = all.WaitAnyAsync().AsTask();
            await Task.Delay(20);
            pairs[chosen].Writer.Signal();
            Assert.Equal(chosen, await onThread);
            Assert.Equal(chosen, await onTask);
            pairs[chosen].Reader.Wait();
        }

        foreach ((SharedStructWriter<Quote> owner, SharedStructReader<Quote> reader) in pairs)
        {
            reader.Dispose();
            owner.Dispose();
        }
    }

    [Fact]
    public async Task A_channel_that_ends_ends_the_wait_for_all()
    {
        (SharedStructWriter<Quote> owner, SharedStructReader<Quote> reader) = SharedStruct.CreatePair<Quote>();
        (SharedStructWriter<Quote> otherOwner, SharedStructReader<Quote> otherReader) = SharedStruct.CreatePair<Quote>();
        using (owner)
        using (reader)
        using (otherReader)
        {
            SharedWaitSet both = new(reader, otherReader);
            Task<int> wait = Task.Factory.StartNew(
                () => both.WaitAny(), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            await Task.Delay(20);
            otherOwner.Dispose();
            Assert.Equal(1, await wait.WaitAsync(s_patience));
            Assert.Equal(1, await both.WaitAnyAsync().AsTask().WaitAsync(s_patience));
        }
    }

    [Fact]
    public void A_state_is_ready_until_its_value_was_read_and_again_with_the_next_one()
    {
        (SharedStateWriter<Quote> writer, SharedStateReader<Quote> reader) = SharedState.CreatePair<Quote>();
        using (writer)
        using (reader)
        {
            writer.Write(new Quote());
            reader.Read();
            SharedWaitSet all = new(reader);
            for (int i = 0; i < 3; i++)
            {
                reader.Read();
                Assert.False(all.TryWaitAny(out _, TimeSpan.Zero));
                writer.Write(new Quote());
                Assert.True(all.TryWaitAny(out _, TimeSpan.Zero));
            }
        }
    }
}
