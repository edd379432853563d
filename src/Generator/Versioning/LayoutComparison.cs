namespace TypedShm.Generator;

/// <summary>
/// Compares a struct with what is published of it. It may have grown: then what is published is a prefix of it, in the
/// sense of docs/format.md, and programs that were compiled with either can still share.
/// </summary>
internal sealed class LayoutComparison
{
    private readonly PublishedStruct _published;
    private readonly PublishedStruct _current;
    private readonly List<Leaf> _were = [];
    private readonly List<Leaf> _are = [];
    private readonly List<LayoutDifference> _differences = [];

    private LayoutComparison(PublishedStruct published, PublishedStruct current)
    {
        _published = published;
        _current = current;
        Flatten(published.Fields, "", 0, isElement: false, _were);
        Flatten(current.Fields, "", 0, isElement: false, _are);
    }

    /// <returns>The differences, in order; none if the two are the same.</returns>
    public static IReadOnlyList<LayoutDifference> Compare(PublishedStruct published, PublishedStruct current)
    {
        if (published == current)
            return [];
        LayoutComparison comparison = new(published, current);
        comparison.Compare();
        return comparison._differences;
    }

    private void Compare()
    {
        Dictionary<string, Leaf> are = _are.ToDictionary(static leaf => leaf.Path, StringComparer.Ordinal);
        HashSet<string> were = new(_were.Select(static leaf => leaf.Path), StringComparer.Ordinal);
        HashSet<string> renamed = new(StringComparer.Ordinal);
        for (int i = 0; i < _were.Count; i++)
        {
            Leaf was = _were[i];
            if (are.TryGetValue(was.Path, out Leaf? now))
            {
                if (!was.IsLike(now))
                    Add(LayoutChange.Field, now, $"is {now}, but is published as {was}");
                CompareMembers(was, now);
            }
            else if (i < _are.Count && was.IsLike(_are[i]) && !were.Contains(_are[i].Path))
            {
                renamed.Add(_are[i].Path);
                Add(LayoutChange.Field, _are[i], $"is published under the name '{was.Path}'");
            }
            else
            {
                _differences.Add(new LayoutDifference(
                    LayoutChange.Field, null, $"'{_current.Name}.{was.Path}' is gone, but is published as {was}"));
            }
        }

        if (_current.Size < _published.Size || _current.Alignment < _published.Alignment)
            _differences.Add(new LayoutDifference(LayoutChange.Field, null,
                $"'{_current.Name}' has {_current.Size} bytes and alignment {_current.Alignment}, but is published with "
                + $"{_published.Size} and {_published.Alignment}"));
        CompareAdditions(were, renamed);
        if (_differences.Count == 0)
            CompareOrder();

        // For instance the order of an enum's members: nothing that a peer could notice.
        if (_differences.Count == 0)
            _differences.Add(new LayoutDifference(LayoutChange.Addition, null, $"every detail of '{_current.Name}'"));
    }

    private void CompareAdditions(HashSet<string> were, HashSet<string> renamed)
    {
        long end = _were.Count == 0 ? 0 : _were.Max(static leaf => leaf.End);
        for (int i = 0; i < _are.Count; i++)
        {
            Leaf leaf = _are[i];
            if (were.Contains(leaf.Path) || renamed.Contains(leaf.Path))
                continue;
            if (leaf.IsElement)
            {
                // Of a new array, the array itself is what is new.
                if (were.Contains(leaf.ArrayPath))
                    Add(LayoutChange.Field, leaf, $"is new, {leaf}, but the elements of a published array cannot grow");
            }
            else if (i < _were.Count || leaf.Offset < end)
                Add(LayoutChange.Field, leaf, $"is new, {leaf}, but does not stand behind all that is published");
            else
                _differences.Add(new LayoutDifference(LayoutChange.Addition, TopLevel(leaf.Path), $"'{_current.Name}.{leaf.Path}'"));
        }
    }

    // Explicit offsets can keep every field in its place and still change the order of declaration, which counts.
    private void CompareOrder()
    {
        for (int i = 0; i < _were.Count; i++)
        {
            if (_were[i].Path != _are[i].Path)
                Add(LayoutChange.Field, _are[i], $"is declared where '{_were[i].Path}' is published");
        }
    }

    private void CompareMembers(Leaf was, Leaf now)
    {
        Dictionary<string, string> values =
            now.Members.ToDictionary(static member => member.Name, static member => member.Value, StringComparer.Ordinal);
        HashSet<string> published = new(was.Members.Select(static member => member.Name), StringComparer.Ordinal);
        foreach (EnumMember member in was.Members)
        {
            if (!values.TryGetValue(member.Name, out string value))
                Add(LayoutChange.Member, now, $"has no member '{member.Name}' any more, which is published as {member.Value}");
            else if (value != member.Value)
                Add(LayoutChange.Member, now, $"has the member '{member.Name}' as {value}, but it is published as {member.Value}");
        }

        foreach (EnumMember member in now.Members)
        {
            if (!published.Contains(member.Name))
                _differences.Add(new LayoutDifference(
                    LayoutChange.Addition, TopLevel(now.Path), $"the member '{member.Name}' of '{_current.Name}.{now.Path}'"));
        }
    }

    private void Add(LayoutChange change, Leaf leaf, string text) =>
        _differences.Add(new LayoutDifference(change, TopLevel(leaf.Path), $"'{_current.Name}.{leaf.Path}' {text}"));

    private static string TopLevel(string path) => path.Split('.', '[')[0];

    // A nested struct is its fields; an array is a leaf of its own, followed by one element, whose structs may not grow.
    private static void Flatten(EquatableArray<PublishedField> fields, string prefix, long start, bool isElement, List<Leaf> leaves)
    {
        foreach (PublishedField field in fields)
        {
            string path = prefix + field.Name;
            long offset = start + field.Offset;
            bool isArray = field.Length is not null;
            if (isArray || isElement || field.Fields.Count == 0)
                leaves.Add(new Leaf(path, offset, field, isElement));
            Flatten(field.Fields, path + (isArray ? "[]." : "."), isArray ? 0 : offset, isElement || isArray, leaves);
        }
    }

    private sealed class Leaf(string path, long offset, PublishedField declaration, bool isElement)
    {
        public string Path => path;

        /// <summary>Bytes from the start of the struct, or of the array element, that contains it.</summary>
        public long Offset => offset;

        public EquatableArray<EnumMember> Members => declaration.Members;

        public bool IsElement => isElement;

        /// <summary>The path of the outermost array that contains it.</summary>
        public string ArrayPath => path.Substring(0, path.IndexOf("[]", StringComparison.Ordinal));

        /// <summary>Exclusive. An element lies within its array, which is a leaf too.</summary>
        public long End => isElement ? 0 : offset + ((long)declaration.Size * (declaration.Length ?? 1));

        private (string, long, int, int?, bool) Shape =>
            (declaration.Kind, offset, declaration.Size, declaration.Length, declaration.IsAtomic);

        public bool IsLike(Leaf other) => Shape == other.Shape;

        public override string ToString() =>
            $"{declaration.Kind}{(declaration.Length is int length ? $"[{length}]" : "")} "
                + $"({(declaration.Length is null ? "" : "each ")}{declaration.Size} {(declaration.Size == 1 ? "byte" : "bytes")} at "
                + $"offset {offset}{(declaration.IsAtomic ? ", atomic" : "")})";
    }
}
