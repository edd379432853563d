using System.Diagnostics;
using TypedShm.Contracts.Channels;
using TypedShm.Interop;

namespace TypedShm.Contracts.Roles;

/// <summary>
/// An owner that ends as soon as it sees a client, while the thread that lets clients in gets no turn right after it has let one in.
/// </summary>
internal static class UntilSeenRole
{
    private static readonly TimeSpan s_noTurn = TimeSpan.FromMilliseconds(100);

    public static Task Create(Channel channel, string name, bool isKilled)
    {
        AppContext.SetSwitch(CrashPoint.Switch, true);
        CrashPoint.Reached = step =>
        {
            if (step is CrashStep.PeerVisible or CrashStep.PeerStarted)
                Thread.Sleep(s_noTurn);
        };
        IDisposable owner = channel.Create(name, new());
        Program.Say("open");
        while (owner.Peers().Count == 0)
            Thread.Yield();
        if (isKilled)
            Process.GetCurrentProcess().Kill();
        owner.Dispose();
        return Task.CompletedTask;
    }
}
