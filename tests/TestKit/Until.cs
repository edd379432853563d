using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace TypedShm.TestKit;

/// <summary>
/// Waits for what another thread or process does. No test depends on how long that takes: only one that has failed waits as long as <see
/// cref="Patience"/>.
/// </summary>
public static class Until
{
    /// <summary>
    /// How long anything may take before a test gives up on it; a variable of the environment, in seconds, if failures are what is wanted.
    /// </summary>
    public static TimeSpan Patience { get; } = Environment.GetEnvironmentVariable("TYPEDSHM_TEST_PATIENCE") is { } seconds
        ? TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture))
        : TimeSpan.FromMinutes(3);

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="condition">Asked again and again.</param>
    /// <param name="what">What did not happen, for the exception; the text of the condition unless given.</param>
    public static async Task Holds(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        long begun = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(begun) > Patience)
                throw new TimeoutException($"It did not happen within {Patience.TotalSeconds} s: {what}.");
            await Task.Delay(1).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until a value is there.</summary>
    /// <param name="value">Asked again and again; null as long as there is none.</param>
    /// <param name="what">What did not happen, for the exception.</param>
    public static async Task<T> Found<T>(Func<T?> value, string what)
        where T : class
    {
        T? found = null;
        await Holds(() => (found = value()) is not null, what).ConfigureAwait(false);
        return found!;
    }

    /// <summary>Waits for a task, but not for ever.</summary>
    public static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(Patience);

    /// <inheritdoc cref="Soon{T}"/>
    public static Task Soon(Task task) => task.WaitAsync(Patience);

    /// <summary>
    /// Waits until this process has let a second pass and used next to no processor time: one in which a thread polls in vain never does.
    /// </summary>
    /// <returns>The processor time of that second.</returns>
    public static async Task<TimeSpan> Idle()
    {
        long begun = Stopwatch.GetTimestamp();
        while (true)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            long second = Stopwatch.GetTimestamp();
            await Task.Delay(TimeSpan.FromSeconds(1)).ConfigureAwait(false);
            TimeSpan used = Environment.CpuUsage.TotalTime - before;
            if (used < Stopwatch.GetElapsedTime(second) / 20)
                return used;
            if (Stopwatch.GetElapsedTime(begun) > Patience)
                throw new TimeoutException($"This process is never idle: {used.TotalMilliseconds:0} ms of the last second.");
        }
    }

    /// <summary>Waits until a thread of this process sleeps in the kernel.</summary>
    /// <param name="thread">Its number, see <see cref="ThreadNumber"/>.</param>
    /// <param name="what">What it sleeps in, for the exception.</param>
    public static Task Sleeps(Func<int> thread, string what) =>
        Holds(
            () => thread() is > 0 and int number
                && File.ReadAllText($"/proc/self/task/{number}/stat").Contains(") S ", StringComparison.Ordinal),
            what);

    /// <summary>The kernel's number of the calling thread.</summary>
    public static int ThreadNumber => SystemCalls.gettid();
}
