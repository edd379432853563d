using System.CommandLine;
using System.Globalization;
using System.Text;
using TypedShm.Tool.Writing;

namespace TypedShm.Tool.Verbs;

/// <summary>What <c>set</c> and <c>call</c> have in common: fields, a payload, a time-out, and why they may not.</summary>
internal sealed class Sending
{
    private readonly Argument<string[]> _fields =
        new("FIELD=VALUE") { Description = "Values of fields.", HelpName = "FIELD=VALUE", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _text = new("--payload") { Description = "A payload: this text in UTF-8." };
    private readonly Option<string?> _file = new("--payload-file") { Description = "A payload: the bytes of this file." };
    private readonly Option<double> _timeout = Arguments.Positive(
        new Option<double>("--timeout", "-t") { Description = "How many seconds to wait.", DefaultValueFactory = _ => 5 });
    private readonly Option<bool> _json = Arguments.Json();
    private readonly Argument<string> _name = Arguments.Name();

    /// <summary>The verb.</summary>
    public Command Verb(string name, string description, Func<Sending, ParseResult, CancellationToken, int> run)
    {
        Command command = new(name, description) { _name, _fields, _text, _file, _timeout, _json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(_text) is not null && result.GetValue(_file) is not null)
                result.AddError("Give either --payload or --payload-file.");
        });
        command.SetAction((parsed, token) => Task.Run(() => run(this, parsed, token), CancellationToken.None));
        return command;
    }

    public string Name(ParseResult parsed) => parsed.GetRequiredValue(_name);

    public bool IsJson(ParseResult parsed) => parsed.GetValue(_json);

    public TimeSpan Timeout(ParseResult parsed) => TimeSpan.FromSeconds(parsed.GetValue(_timeout));

    public Assignment[] Fields(ParseResult parsed, LayoutDescriptor layout) =>
        [.. (parsed.GetValue(_fields) ?? []).Select(text => Assignment.Parse(layout, text))];

    /// <summary>A struct of zeros but for the fields that were given.</summary>
    public byte[] Value(ParseResult parsed, LayoutDescriptor layout)
    {
        byte[] value = new byte[layout.Size];
        foreach (Assignment assignment in Fields(parsed, layout))
            assignment.Bytes.CopyTo(value, assignment.Place.Offset);
        return value;
    }

    /// <summary>The payload, which has to fit.</summary>
    public byte[] Payload(ParseResult parsed, SharedInspector channel)
    {
        byte[] payload = parsed.GetValue(_file) is { } path
            ? File.ReadAllBytes(path)
            : Encoding.UTF8.GetBytes(parsed.GetValue(_text) ?? "");
        return payload.Length <= channel.PayloadCapacity
            ? payload
            : throw new ToolException(ExitCode.Usage, string.Create(CultureInfo.InvariantCulture,
                $"The payload has {payload.Length} bytes, but '{channel.Name}' has room for {channel.PayloadCapacity}."));
    }

    /// <summary>Opens a channel for more than looking.</summary>
    /// <exception cref="ToolException">It is not allowed.</exception>
    public static T Open<T>(string name, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (PeerRefusedException error) when (error.Reason == RefusalReason.RoleNotAvailable)
        {
            throw new ToolException(ExitCode.Denied, $"'{name}' takes nothing from others. {error.Message}");
        }
    }
}
