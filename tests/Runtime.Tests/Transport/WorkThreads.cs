using TypedShm.Interop;

namespace TypedShm.Tests.Transport;

/// <summary>The threads of the library: what one of them did last is nothing that the next work finds.</summary>
public sealed class WorkThreads
{
    private static readonly AsyncLocal<string?> s_local = new();

    [Fact]
    public async Task One_that_has_done_its_work_takes_the_next_and_then_ends()
    {
        int first = await Run("TypedShm first", () => Until.ThreadNumber);
        await Until.Holds(() => NameOf(first) is WorkThread.IdleName or null, "it is idle");
        int second = await Run("TypedShm second", () => Until.ThreadNumber);
        for (int tries = 0; second != first; tries++)
        {
            // On a machine that lets this thread wait for a second the first one has ended.
            Assert.InRange(tries, 0, 100);
            first = second;
            await Until.Holds(() => NameOf(first) is WorkThread.IdleName or null, "it is idle");
            second = await Run("TypedShm second", () => Until.ThreadNumber);
        }

        await Until.Holds(() => NameOf(second) is null, "it has ended");
    }

    [Fact]
    public async Task It_has_the_name_of_its_work_before_it_has_begun()
    {
        for (int i = 0; i < 50; i++)
        {
            string name = $"Typed work {i}";
            int before = await Run("TypedShm first", () => Until.ThreadNumber);
            await Until.Holds(() => NameOf(before) is WorkThread.IdleName or null, "it is idle");
            TaskCompletionSource<int> go = new();
            Task<int> work = Run(name, () => go.Task.GetAwaiter().GetResult());

            string[] threads = Directory.GetDirectories("/proc/self/task");
            Assert.Contains(name, threads.Select(path => NameOf(int.Parse(Path.GetFileName(path), null))));
            go.SetResult(i);
            await work;
        }
    }

    [Fact]
    public async Task What_a_work_has_made_of_its_thread_the_next_one_does_not_find()
    {
        TaskCompletionSource changed = new();
        WorkThread.Run("TypedShm first", () =>
        {
            s_local.Value = "of the first";
            SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
            Thread.CurrentThread.IsBackground = false;
            Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
            changed.SetResult();
        });
        await changed.Task;

        // Whichever of them it gets: all of them are as new.
        for (int i = 0; i <= WorkThread.MostIdle; i++)
        {
            (string?, string?, bool, bool, ThreadPriority) found = await Run("TypedShm second", () => (Thread.CurrentThread.Name,
                s_local.Value, SynchronizationContext.Current is null, Thread.CurrentThread.IsBackground, Thread.CurrentThread.Priority));
            Assert.Equal(("TypedShm second", null, true, true, ThreadPriority.Normal), found);
        }
    }

    [Fact]
    public async Task As_many_run_at_once_as_are_asked_for_and_few_of_them_stay()
    {
        const int Many = 3 * WorkThread.MostIdle;
        using ManualResetEventSlim go = new();
        int running = 0;
        int[] numbers = new int[Many];
        for (int i = 0; i < Many; i++)
        {
            int number = i;
            WorkThread.Run("TypedShm many", () =>
            {
                numbers[number] = Until.ThreadNumber;
                Interlocked.Increment(ref running);
                go.Wait();
            });
        }

        await Until.Holds(() => Volatile.Read(ref running) == Many, "all run");
        go.Set();
        await Until.Holds(() => numbers.All(number => NameOf(number) is WorkThread.IdleName or null), "none works");
        Assert.InRange(numbers.Count(number => NameOf(number) is not null), 0, WorkThread.MostIdle);
        await Until.Holds(() => numbers.All(number => NameOf(number) is null), "all have ended");
    }

    private static Task<T> Run<T>(string name, Func<T> work)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        WorkThread.Run(name, () => done.SetResult(work()));
        return Until.Soon(done.Task);
    }

    // Null once it has ended.
    private static string? NameOf(int thread)
    {
        try
        {
            return File.ReadAllText($"/proc/self/task/{thread}/comm").TrimEnd();
        }
        catch (IOException)
        {
            return null;
        }
    }
}
