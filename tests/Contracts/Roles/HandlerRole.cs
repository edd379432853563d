using TypedShm.Contracts.Channels;

namespace TypedShm.Contracts.Roles;

/// <summary>An owner whose handler throws when somebody joins.</summary>
internal static class HandlerRole
{
    public static async Task Throw(Channel channel, string name)
    {
        using IDisposable owner = channel.Create(name, new());
        owner.OnJoined((_, _) => throw new InvalidDataException("a mistake in a handler"));
        Program.Say("open");
        await Task.Delay(Timeout.Infinite);
    }
}
