using System.Globalization;
using TypedShm.Contracts.Channels;

namespace TypedShm.Contracts.Roles;

/// <summary>
/// One end of a channel. It says "open", and then does what it is told: "send NUMBER", "receive NUMBER", "close"; it ends with its input.
/// </summary>
internal static class EndRole
{
    public static async Task Create(Channel channel, string name)
    {
        using IDisposable owner = channel.Create(name, new());
        Program.Say("open");
        await Obey(channel, owner);
    }

    public static async Task Open(Channel channel, string name)
    {
        using IDisposable client = await channel.OpenAsync(name, new OpenOptions { Timeout = Until.Patience });
        Program.Say("open");
        await Obey(channel, client);
    }

    private static async Task Obey(Channel channel, IDisposable end)
    {
        while (await Console.In.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["send", var number]:
                    channel.Send(end, long.Parse(number, CultureInfo.InvariantCulture));
                    break;
                case ["receive", var number]:
                    await Until.Holds(() => channel.Receive(end) == long.Parse(number, CultureInfo.InvariantCulture), line);
                    break;
                case ["close"]:
                    end.Dispose();
                    break;
                default:
                    throw new ArgumentException($"There is no '{line}'.");
            }

            Program.Say(line);
        }
    }
}
