using System.Globalization;

namespace TypedShm.Generator;

/// <summary>
/// Reads JSON into dictionaries, lists, strings, numbers (as <see cref="decimal"/>) and booleans. Compilers bring no
/// parser that an analyzer can rely on, and a layout file needs no more than this.
/// </summary>
internal sealed class Json
{
    private const int MaxDepth = 100;

    private readonly string _text;
    private int _at;
    private int _depth;

    private Json(string text) => _text = text;

    /// <exception cref="FormatException">It is malformed; the message says where.</exception>
    public static object? Parse(string text)
    {
        Json json = new(text);
        object? value = json.Value();
        if (json.Next() != '\0')
            throw json.Malformed("its end");
        return value;
    }

    private object? Value()
    {
        switch (Next())
        {
            case '{':
                return Object();
            case '[':
                return Array();
            case '"':
                return String();
        }

        int start = _at;
        string word = Word();
        if (word is "true" or "false")
            return word == "true";
        if (decimal.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out decimal number))
            return number;
        _at = start;
        throw Malformed("a value");
    }

    private Dictionary<string, object?> Object()
    {
        Dictionary<string, object?> members = new(StringComparer.Ordinal);
        Enter('{');
        while (Next() != '}')
        {
            if (members.Count > 0)
                Skip(',');
            string name = Next() == '"' ? String() : throw Malformed("a name");
            Skip(':');
            if (members.ContainsKey(name))
                throw new FormatException($"{Place()}: \"{name}\" is there twice");
            members.Add(name, Value());
        }

        Leave('}');
        return members;
    }

    private List<object?> Array()
    {
        List<object?> items = [];
        Enter('[');
        while (Next() != ']')
        {
            if (items.Count > 0)
                Skip(',');
            items.Add(Value());
        }

        Leave(']');
        return items;
    }

    // Names and kinds consist of characters of identifiers, so there is nothing to unescape.
    private string String()
    {
        int end = _text.IndexOf('"', _at + 1);
        string value = end < 0 ? throw Malformed("the end of a string") : _text.Substring(_at + 1, end - _at - 1);
        if (value.IndexOfAny(['\\', '\n']) >= 0)
            throw Malformed("a name without escapes");
        _at = end + 1;
        return value;
    }

    private string Word()
    {
        int start = _at;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] is '-' or '+' or '.'))
            _at++;
        return _text.Substring(start, _at - start);
    }

    private void Enter(char open)
    {
        Skip(open);
        if (++_depth > MaxDepth)
            throw new FormatException($"{Place()}: nested more than {MaxDepth} deep");
    }

    private void Leave(char close)
    {
        Skip(close);
        _depth--;
    }

    private void Skip(char expected)
    {
        if (Next() != expected)
            throw Malformed($"'{expected}'");
        _at++;
    }

    /// <summary>The next character that is no white space; NUL at the end.</summary>
    private char Next()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
        return _at < _text.Length ? _text[_at] : '\0';
    }

    private FormatException Malformed(string expected)
    {
        string found = _at < _text.Length
            ? $"'{_text.Substring(_at, Math.Min(20, _text.Length - _at)).Split('\n')[0]}'"
            : "the end of the file";
        return new FormatException($"{Place()}: found {found}, expected {expected}");
    }

    private string Place() => $"line {_text.Take(_at).Count(static c => c == '\n') + 1}";
}
