using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TypedShm.Transport;

/// <summary>
/// How often each user may connect: so many times in a second, and as many at once after a second without. For the thread that accepts.
/// </summary>
/// <remarks>The generic cell rate algorithm: all that is kept of a user is when the next connection would be due at that rate.</remarks>
/// <param name="perSecond">How many.</param>
internal sealed class ConnectRate(int perSecond)
{
    private const int ManyUsers = 256;

    private readonly long _interval = Math.Max(1, Stopwatch.Frequency / perSecond);
    private readonly Dictionary<uint, User> _users = [];

    /// <summary>How many a second.</summary>
    public int PerSecond => perSecond;

    /// <summary>Counts a connection.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="now">When, see <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="isFirst">If it is refused, whether it is the first one for this user within a second.</param>
    /// <returns>False if it is one too many.</returns>
    public bool TryTake(uint user, long now, out bool isFirst)
    {
        if (_users.Count >= ManyUsers)
            ForgetThoseBefore(now);
        ref User of = ref CollectionsMarshal.GetValueRefOrAddDefault(_users, user, out _);
        long next = Math.Max(of.Due, now) + _interval;
        isFirst = false;
        if (next <= now + Stopwatch.Frequency)
        {
            of.Due = next;
            return true;
        }

        if (of.Told == 0 || now - of.Told >= Stopwatch.Frequency)
        {
            of.Told = now;
            isFirst = true;
        }

        return false;
    }

    // A user whose next connection is due is as one who was never here.
    private void ForgetThoseBefore(long now)
    {
        foreach ((uint user, User of) in _users)
        {
            if (of.Due <= now)
                _users.Remove(user);
        }
    }

    private record struct User(long Due, long Told);
}
