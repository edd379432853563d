namespace TypedShm.Mutants;

/// <summary>Lines of a file that are replaced.</summary>
internal sealed record Edit(string File, string Old, string New);

/// <summary>
/// A planted bug: what it is, the lines that make it, and the check that has to catch it. One text file each, see <see cref="Parse"/>.
/// </summary>
internal sealed record Mutant(string Name, string What, Check Check, Edit[] Edits)
{
    /// <summary>
    /// Reads a bug. Its text says what it is; then come <c>check …</c> (see <see cref="Mutants.Check"/>), and for each place <c>file
    /// PATH</c>, <c>old</c>, the lines that are there, <c>new</c>,
    /// the lines that come in their place, and <c>end</c>.
    /// </summary>
    /// <exception cref="FormatException">The file is not such a text.</exception>
    public static Mutant Parse(string path)
    {
        Queue<string> lines = new(System.IO.File.ReadAllLines(path));
        List<string> what = [];
        List<Edit> edits = [];
        Check? check = null;
        while (lines.TryDequeue(out string? line))
        {
            if (line.StartsWith("check ", StringComparison.Ordinal))
                check = Check.Parse(line["check ".Length..]);
            else if (line.StartsWith("file ", StringComparison.Ordinal))
                edits.Add(ParseEdit(line["file ".Length..].Trim(), lines));
            else if (line.Length > 0)
                what.Add(line);
        }

        if (check is null || edits.Count == 0 || what.Count == 0)
            throw new FormatException($"'{path}' needs a description, a check and a place.");
        return new Mutant(Path.GetFileNameWithoutExtension(path), string.Join(' ', what), check, [.. edits]);
    }

    /// <summary>Puts the bug into the text of a file.</summary>
    /// <returns>The text; null if the old lines are not there exactly once.</returns>
    public static string? Apply(string text, Edit edit)
    {
        int first = text.IndexOf(edit.Old, StringComparison.Ordinal);
        return first >= 0 && text.IndexOf(edit.Old, first + 1, StringComparison.Ordinal) < 0
            ? string.Concat(text.AsSpan(0, first), edit.New, text.AsSpan(first + edit.Old.Length))
            : null;
    }

    private static Edit ParseEdit(string file, Queue<string> lines)
    {
        Expect("old");
        string old = Until("new");
        return new Edit(file, old, Until("end"));

        void Expect(string word)
        {
            if (!lines.TryDequeue(out string? line) || line != word)
                throw new FormatException($"'{word}' has to follow 'file {file}'.");
        }

        string Until(string word)
        {
            List<string> section = [];
            while (true)
            {
                if (!lines.TryDequeue(out string? line))
                    throw new FormatException($"'{word}' is missing after 'file {file}'.");
                if (line == word)
                    return string.Concat(section.Select(line => line + '\n'));
                section.Add(line);
            }
        }
    }
}
