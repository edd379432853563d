using System.Text;

namespace TypedShm.Generator;

/// <summary>Writes source text, indented, with <c>\n</c> at the end of every line.</summary>
internal sealed class SourceWriter
{
    private readonly StringBuilder _text = new();
    private int _depth;

    /// <summary>Writes one line or, if it contains <c>\n</c>, several.</summary>
    public void Line(string line = "")
    {
        foreach (string part in line.Split('\n'))
        {
            if (part.Length > 0)
                _text.Append(' ', 4 * _depth).Append(part);
            _text.Append('\n');
        }
    }

    /// <summary>Opens a block, which the result's Dispose closes.</summary>
    public Block Open(string? head = null)
    {
        if (head is not null)
            Line(head);
        Line("{");
        _depth++;
        return new Block(this);
    }

    /// <summary>Indents until the result's Dispose.</summary>
    public Block Indent()
    {
        _depth++;
        return new Block(this, brace: false);
    }

    public override string ToString() => _text.ToString();

    public readonly struct Block(SourceWriter writer, bool brace = true) : IDisposable
    {
        public void Dispose()
        {
            writer._depth--;
            if (brace)
                writer.Line("}");
        }
    }
}
