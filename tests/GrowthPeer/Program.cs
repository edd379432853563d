using System.Globalization;

namespace TypedShm.GrowthPeer;

/// <summary>
/// The other process: <c>GrowthPeer STRUCT [CHANNEL]</c>, of a live struct without the second. It reads commands from its standard input,
/// one a line, and answers each with one line: <c>=</c> and the result, or <c>!</c> and the exception. It ends with its input.
/// </summary>
internal static class Program
{
    private static void Main(string[] arguments)
    {
        IGrowthCommands commands = arguments[0] switch
        {
            nameof(Telemetry) => Of(Telemetry.Of),
            nameof(Padded) => Of(Padded.Of),
            nameof(Framed) => Of(Framed.Of),
            nameof(Changed) => Of(Changed.Of),
            _ => throw new ArgumentException($"no such struct: {arguments[0]}"),
        };
        while (Console.In.ReadLine() is { } line)
        {
            string answer;
            try
            {
                answer = "= " + commands.Run(line.Split(' '));
            }
            catch (Exception error)
            {
                answer = $"! {error.GetType().Name}: {error.Message}";
            }

            Console.Out.WriteLine(answer.ReplaceLineEndings("\\n"));
            Console.Out.Flush();
        }

        IGrowthCommands Of<T>(Func<long, T> of)
            where T : unmanaged, ISharedLayout<T> =>
            arguments.Length > 1 ? new ChannelCommands<T>(arguments[1], of) : new Commands<T>(of);
    }
}

internal interface IGrowthCommands
{
    string Run(string[] words);
}

internal sealed class Commands<T>(Func<long, T> of) : IGrowthCommands
    where T : unmanaged, ISharedLayout<T>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private SharedStructWriter<T>? _writer;
    private SharedStructReader<T>? _reader;

    public string Run(string[] words) => words switch
    {
        ["create", var name] => Hold(SharedStruct.Create<T>(name)),
        ["create-writable", var name] => Hold(SharedStruct.Create<T>(name, new SharedStructOptions { AllowPeersToWrite = true })),
        ["open", var name] => Hold(SharedStruct.Open<T>(name, new OpenOptions { Timeout = s_patience })),
        ["open-reconnecting", var name] => Hold(SharedStruct.Open<T>(name, new OpenOptions { Timeout = s_patience, Reconnect = true })),
        ["open-writable", var name] => Hold(SharedStruct.OpenReadWrite<T>(name, new OpenOptions { Timeout = s_patience })),

        ["write", var number] => Write(of(long.Parse(number, CultureInfo.InvariantCulture))),
        ["fill", var value] => Fill(byte.Parse(value, CultureInfo.InvariantCulture)),
        ["read"] => $"{_reader!.Read()}",
        ["value"] => $"{_reader!.Value}",
        ["by-reference"] => $"{_reader!.IsByReference}",
        ["has", var field] => $"{_reader!.Has(field)}",
        ["inode"] => $"{_writer?.Region.Inode ?? _reader!.Region.Inode}",
        ["wait"] => _reader!.TryWait(s_patience) ? "signalled" : "timed out",
        ["await-state", var state] => SpinWait.SpinUntil(() => $"{_reader!.State}" == state, s_patience)
            ? "yes"
            : throw new TimeoutException($"it is {_reader!.State}"),
        ["dispose"] => Dispose(),
        _ => throw new ArgumentException($"no such command: {string.Join(' ', words)}"),
    };

    private string Hold(SharedStructWriter<T> writer)
    {
        _writer = writer;
        return "ready";
    }

    private string Hold(SharedStructReader<T> reader)
    {
        _reader = reader;
        return "ready";
    }

    private string Write(T value)
    {
        _writer!.Value = value;
        _writer.Signal();
        return "written";
    }

    /// <summary>Every byte of the struct, padding too.</summary>
    private string Fill(byte value)
    {
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<T>(ref _writer!.Value)).Fill(value);
        return "filled";
    }

    private string Dispose()
    {
        _writer?.Dispose();
        _reader?.Dispose();
        return "disposed";
    }
}
