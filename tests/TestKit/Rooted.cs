using System.Runtime.CompilerServices;

namespace TypedShm.TestKit;

/// <summary>Whether something keeps an object alive that should be free.</summary>
public static class Rooted
{
    /// <summary>Makes objects in a frame of its own, and fails if one of them is still alive after it.</summary>
    /// <param name="make">Makes them, uses them and lets them go.</param>
    /// <param name="what">After what, for the exception.</param>
    public static async Task Nothing(Func<Task<object[]>> make, string what)
    {
        WeakReference[] references = await Make(make).ConfigureAwait(false);
        try
        {
            await Until.Holds(() => !IsAlive(references), "the objects were let go").ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            string alive = string.Join(", ", references.Select(reference => reference.Target?.GetType().ToString()).OfType<string>());
            throw new InvalidOperationException($"After {what} something still refers to {alive}.");
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<WeakReference[]> Make(Func<Task<object[]>> make) => Weak(await make().ConfigureAwait(false));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] Weak(object[] objects)
    {
        WeakReference[] references = [.. objects.Select(item => new WeakReference(item))];
        Array.Clear(objects);
        return references;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsAlive(WeakReference[] references)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return references.Any(reference => reference.IsAlive);
    }
}
