using TypedShm.Tool.Output;

namespace TypedShm.Tool.Sampling;

/// <summary>One field of a channel that is watched: its value, whether it has changed, and its last values.</summary>
internal sealed class WatchedField(string path, string kind)
{
    /// <summary>How many values are remembered.</summary>
    public const int Remembered = 40;

    private const string Bars = "▁▂▃▄▅▆▇█";

    private readonly Queue<double> _values = new(Remembered);

    public string Path => path;

    public string Kind => kind;

    public string Text { get; private set; } = "";

    /// <summary>The value as a number; null if it is none.</summary>
    public double? Number { get; private set; }

    public bool HasChanged { get; private set; }

    /// <summary>So many of its last values, from the smallest to the largest of them; empty if it is no number.</summary>
    public string Sparkline(int length)
    {
        double[] last = [.. _values.TakeLast(length)];
        double[] finite = [.. last.Where(double.IsFinite)];
        if (finite.Length == 0)
            return "";
        (double least, double most) = (finite.Min(), finite.Max());
        return string.Concat(last.Select(value => double.IsFinite(value) ? Bar(value, least, most) : ' '));
    }

    public void Add(SharedFieldValue value)
    {
        string text = Verbs.Show.Safe(value.ToString());
        HasChanged = Text.Length > 0 && text != Text;
        Text = text;
        Number = value.TryGetNumber(out double number) ? number : null;
        if (Number is null)
            return;
        if (_values.Count == Remembered)
            _values.Dequeue();
        _values.Enqueue(number);
    }

    // Differences of large numbers of either sign could overflow: halves do not.
    private static char Bar(double value, double least, double most) =>
        most == least ? Bars[0]
            : Bars[Math.Clamp((int)(((value / 2) - (least / 2)) / ((most / 2) - (least / 2)) * Bars.Length), 0, Bars.Length - 1)];
}

/// <summary>A channel, looked at again and again.</summary>
/// <param name="inspector">The channel.</param>
/// <param name="element">The element of a table.</param>
internal sealed class WatchedChannel(SharedInspector inspector, int element)
{
    private readonly Dictionary<string, WatchedField> _fields = [];
    private long _position = inspector.Published;
    private RateMeter _meter;

    public SharedInspector Inspector => inspector;

    public SharedSnapshot? Value { get; private set; }

    public SharedCounts? Counts { get; private set; }

    public double? PerSecond => _meter.PerSecond;

    /// <summary>Messages that were not read yet; null where nobody waits for readers.</summary>
    public long? Depth => inspector.HasDepth() ? Counts?.Depth : null;

    public long? Published { get; private set; }

    /// <summary>How many whole rings of messages were written between two looks.</summary>
    public long Lapped { get; private set; }

    /// <summary>The fields, in order of declaration.</summary>
    public IEnumerable<WatchedField> Fields =>
        Value is null ? [] : Value.Fields.Select(value => _fields.GetValueOrDefault(value.Path)).OfType<WatchedField>();

    /// <summary>What is known besides the value, in a line.</summary>
    public string Summary
    {
        get
        {
            string counts = inspector.HasValues || Counts is null
                ? ""
                : $", depth {Format.Count(Counts.Depth)} of {Format.Count(inspector.Count)}";
            string lapped = inspector.HasMessages ? $", lapped {Format.Count(Lapped)}" : "";
            string peers = Counts is null ? "" : $", peers {Counts.Peers}";
            string published = Published is { } count ? $"published {Format.Count(count)}, " : "";
            return $"{inspector.Name}: {inspector.Kind.ToString().ToLowerInvariant()}, "
                + $"{published}{Format.Rate(PerSecond)}{counts}{lapped}{peers}";
        }
    }

    public void Look()
    {
        Counts = inspector.ReadCounts();
        Published = inspector.HasLanes() ? Counts?.Written : inspector.Published;
        _meter.Add(Published);
        Value = inspector.HasValues ? inspector.Read(element) ?? Value : inspector.HasMessages ? Newest() ?? Value : null;
        foreach (SharedFieldValue field in Value?.Fields ?? [])
        {
            if (!_fields.TryGetValue(field.Path, out WatchedField? watched))
                _fields.Add(field.Path, watched = new WatchedField(field.Path, Verbs.Show.KindOf(field)));
            watched.Add(field);
        }
    }

    private SharedSnapshot? Newest()
    {
        long published = inspector.Published;
        Lapped += Math.Max(0, published - _position) / inspector.Count;
        _position = published;
        long last = published - 1;
        return last >= 0 && inspector.TryReadMessage(ref last, out SharedSnapshot? message) ? message : null;
    }
}
