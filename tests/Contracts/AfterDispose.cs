namespace TypedShm.Contracts;

/// <summary>What the members of a disposed end do.</summary>
internal static class AfterDispose
{
    /// <summary>What gives something out whose own members are asked in its place.</summary>
    private static readonly string[] s_adapters = ["AsChannelReader", "AsChannelWriter"];

    /// <summary>
    /// Calls every member of a disposed end. Properties may still answer; methods have to throw <see cref="ObjectDisposedException"/>.
    /// </summary>
    /// <returns>Those that do something else, and what.</returns>
    public static async Task<string[]> Faults(IDisposable end)
    {
        List<string> faults = [];
        foreach (Member member in Member.Of(end.GetType()))
            await Ask(end, member, mustThrow: !member.IsProperty && !IsAdapter(member), faults);
        foreach (Member adapter in Member.Of(end.GetType()).Where(IsAdapter))
        {
            object channel = (await adapter.Call(end))!;
            foreach (Member member in Member.Of(channel.GetType()))
                await Ask(channel, member, mustThrow: false, faults);
        }

        return [.. faults];
    }

    private static bool IsAdapter(Member member) => s_adapters.Any(name => member.Name.Contains(name, StringComparison.Ordinal));

    private static async Task Ask(object end, Member member, bool mustThrow, List<string> faults)
    {
        try
        {
            object? answer = await member.Call(end);
            if (mustThrow)
                faults.Add($"{member.Name} answers {answer}");
        }
        catch (ObjectDisposedException)
        {
            // As it should be.
        }
        catch (Exception error) when (!mustThrow && error is System.Threading.Channels.ChannelClosedException or NotSupportedException)
        {
            // What an adapter to the channels of .NET says, or does not know whether disposed or not.
        }
        catch (Exception error)
        {
            faults.Add($"{member.Name} throws {error.GetType().Name}: {error.Message}");
        }
    }
}
