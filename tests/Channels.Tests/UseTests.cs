using TypedShm.Rings;
using Xunit;

namespace TypedShm.Channels.Tests;

/// <summary>One user at a time, and memory that outlasts each use.</summary>
public class UseTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Only_one_is_in_at_a_time(bool isExact)
    {
        ExclusiveUse use = new(isExact);
        for (int i = 0; i < 3; i++)
        {
            Assert.True(use.TryEnter());
            Assert.False(use.TryEnter());
            Assert.False(use.Exit());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_memory_of_an_end_that_nobody_uses_goes_at_once(bool isExact)
    {
        ExclusiveUse use = new(isExact);
        Assert.True(use.Close());
        Assert.False(use.TryEnter());
        Assert.True(use.IsFinished);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_memory_of_an_end_in_use_goes_with_its_user(bool isExact)
    {
        ExclusiveUse use = new(isExact);
        Assert.True(use.TryEnter());
        Assert.False(use.Close());
        Assert.False(use.IsFinished);
        Assert.False(use.TryEnter());
        Assert.False(use.IsFinished);
        Assert.True(use.Exit());
        Assert.True(use.IsFinished);
    }

    /// <summary>A user and whoever closes, at the same moment, many times: the memory goes, and never under the user.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_closes_beside_a_user_leaves_the_memory_to_it(bool isExact)
    {
        const int Rounds = 2_000;
        Shared shared = new();
        using Barrier start = new(2);
        int used = 0;
        Exception? failure = null;
        Thread user = new(() =>
        {
            for (int round = 0; round < Rounds && failure is null; round++)
            {
                start.SignalAndWait();
                while (shared.Use.TryEnter())
                {
                    used++;
                    Volatile.Write(ref shared.Uses, shared.Uses + 1);
                    bool wasThere = !Volatile.Read(ref shared.IsGone);
                    bool isThere = !Volatile.Read(ref shared.IsGone);
                    if (shared.Use.Exit())
                        Volatile.Write(ref shared.IsGone, true);
                    if (!wasThere || !isThere)
                        failure = new InvalidOperationException($"Round {round}: the memory went under its user.");
                }

                if (shared.Use.IsFinished)
                    Volatile.Write(ref shared.IsGone, true);
                start.SignalAndWait();
            }
        });
        user.Start();
        for (int round = 0; round < Rounds && failure is null; round++)
        {
            shared.Use = new ExclusiveUse(isExact);
            shared.IsGone = false;
            shared.Uses = 0;
            start.SignalAndWait();

            // In the middle of its uses, whichever.
            SpinWait wait = default;
            while (Volatile.Read(ref shared.Uses) < 1 + (round % 50))
                wait.SpinOnce(sleep1Threshold: -1);
            if (shared.Use.Close())
                Volatile.Write(ref shared.IsGone, true);
            start.SignalAndWait();
            if (!shared.IsGone)
                failure ??= new InvalidOperationException($"Round {round}: nobody gave the memory up.");
        }

        user.Join();
        Assert.Null(failure);
        Assert.True(used > 0);
    }

    [Fact]
    public void With_an_exact_check_two_threads_are_never_in_at_once()
    {
        Shared shared = new() { Use = new ExclusiveUse(isExact: true) };
        int inside = 0;
        int overlaps = 0;
        int turnedAway = 0;
        int uses = 0;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 50_000; i++)
            {
                if (!shared.Use.TryEnter())
                {
                    Interlocked.Increment(ref turnedAway);
                    continue;
                }

                if (Interlocked.Increment(ref inside) != 1)
                    Interlocked.Increment(ref overlaps);
                Interlocked.Increment(ref uses);
                Interlocked.Decrement(ref inside);
                shared.Use.Exit();
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.Equal(0, overlaps);
        Assert.Equal(200_000, uses + turnedAway);
        Assert.True(shared.Use.TryEnter());
    }

    [Fact]
    public void A_reader_tries_at_least_64_times_and_at_least_a_millisecond()
    {
        RetryBudget budget = default;
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        int tries = 0;
        while (budget.TryAgain())
            tries++;
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(1));
        Assert.True(tries >= RetryBudget.MinTries - 1);
    }

    private sealed class Shared
    {
        public ExclusiveUse Use;
        public bool IsGone;
        public int Uses;
    }
}
