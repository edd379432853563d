using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace TypedShm.Hosting;

/// <summary>
/// What was configured for a key, <c>TypedShm:engine</c>. A value that cannot be read, or that nothing asks for, is an error.
/// </summary>
internal sealed class EndSettings(IConfigurationSection? section, string key)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase) { nameof(Name) };

    /// <summary>The name of the channel: the key, unless configured.</summary>
    public string Name { get; } = section?[nameof(Name)] ?? key;

    /// <summary>The values that something has asked for.</summary>
    public IReadOnlySet<string> Known => _known;

    /// <summary>The values that are there.</summary>
    public IEnumerable<string> Present => section?.GetChildren().Select(child => child.Key) ?? [];

    /// <summary>A value.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="unless">What it is if it was not configured.</param>
    /// <exception cref="ArgumentException">It cannot be read.</exception>
    public TValue Read<TValue>(string name, TValue unless)
        where TValue : struct, IParsable<TValue> => ReadOptional<TValue>(name) ?? unless;

    /// <summary>A value that need not be there.</summary>
    /// <inheritdoc cref="Read"/>
    public TValue? ReadOptional<TValue>(string name)
        where TValue : struct, IParsable<TValue> =>
        Text(name) is not { } text ? null
            : TValue.TryParse(text, CultureInfo.InvariantCulture, out TValue value) ? value
            : throw Unreadable(name, text, typeof(TValue).Name);

    /// <summary>A text.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="unless">What it is if it was not configured.</param>
    public string? ReadText(string name, string? unless) => Text(name) ?? unless;

    /// <summary>One of several names.</summary>
    /// <inheritdoc cref="Read"/>
    public TEnum ReadEnum<TEnum>(string name, TEnum unless)
        where TEnum : struct, Enum =>
        Text(name) is not { } text ? unless
            : Enum.TryParse(text, ignoreCase: true, out TEnum value) && Enum.IsDefined(value) ? value
            : throw Unreadable(name, text, $"one of {string.Join(", ", Enum.GetNames<TEnum>())}");

    /// <summary>Who may connect: <c>SameUser</c>, or a list of <c>Users</c> or of <c>Groups</c>.</summary>
    /// <inheritdoc cref="Read"/>
    public PeerPolicy ReadPolicy(string name, PeerPolicy unless)
    {
        string? text = Text(name);
        uint[] users = Ids(name, "Users");
        uint[] groups = Ids(name, "Groups");
        return (text, users, groups) switch
        {
            (null, [], []) => unless,
            ({ } word, [], []) when word.Equals(nameof(PeerPolicy.SameUser), StringComparison.OrdinalIgnoreCase) => PeerPolicy.SameUser,
            (null, _, []) => PeerPolicy.Users(users),
            (null, [], _) => PeerPolicy.Groups(groups),
            _ => throw Unreadable(name, text ?? "Users and Groups", "SameUser, or a list of ids in Users, or one in Groups"),
        };
    }

    private uint[] Ids(string name, string list)
    {
        IEnumerable<IConfigurationSection> ids = section?.GetSection(name).GetSection(list).GetChildren() ?? [];
        return [.. ids.Select(id => uint.TryParse(id.Value, CultureInfo.InvariantCulture, out uint value)
            ? value
            : throw Unreadable($"{name}:{list}:{id.Key}", id.Value ?? "", "the id of a user or group"))];
    }

    private string? Text(string name)
    {
        // Of a group its name.
        _known.Add(name.Split(ConfigurationPath.KeyDelimiter)[0]);
        return section?[name];
    }

    private ArgumentException Unreadable(string name, string text, string expected) =>
        new($"{section!.Path}:{name} is '{text}', but {expected} was expected.");
}
