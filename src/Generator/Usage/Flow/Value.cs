using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>How a value hangs together with an <see cref="Origin"/>.</summary>
[Flags]
internal enum Link
{
    None = 0,

    /// <summary>It is the object.</summary>
    Whole = 1,

    /// <summary>It refers to the object's memory: a view, a span, a reference.</summary>
    Inside = 1 << 1,

    /// <summary>It was computed of what the memory held.</summary>
    Computed = 1 << 2,

    /// <summary>It is a plain copy of what the memory held.</summary>
    Copy = 1 << 3,

    /// <summary>If it is true, the object is intact.</summary>
    Intact = 1 << 4,

    /// <summary>If it is true, the object is not intact.</summary>
    Torn = 1 << 5,

    /// <summary>If it is true, the object is there.</summary>
    Made = 1 << 6,

    /// <summary>If it is true, the object is not there.</summary>
    NotMade = 1 << 7,

    /// <summary>It refers to an [Atomic] field.</summary>
    Atomic = 1 << 8,

    Data = Computed | Copy,
    Answer = Intact | Torn,
    Tried = Made | NotMade,
}

/// <summary>What an expression or a variable may stand for.</summary>
/// <param name="links">The objects that it hangs together with.</param>
/// <param name="mayBeOther">Whether it may come from somewhere else as well.</param>
/// <param name="elements">Of a tuple, its elements.</param>
/// <param name="function">Of a delegate, the lambda or local function.</param>
internal sealed class Value(
    ImmutableDictionary<Origin, Link> links, bool mayBeOther, ImmutableArray<Value> elements = default, object? function = null)
{
    private static readonly ImmutableDictionary<Origin, Link> s_noLinks = ImmutableDictionary<Origin, Link>.Empty;

    /// <summary>A constant, null, or nothing yet.</summary>
    public static Value Nothing { get; } = new(s_noLinks, mayBeOther: false);

    public static Value Other { get; } = new(s_noLinks, mayBeOther: true);

    public ImmutableDictionary<Origin, Link> Links => links;

    public bool MayBeOther => mayBeOther;

    public ImmutableArray<Value> Elements => elements;

    /// <summary>An <c>IFlowAnonymousFunctionOperation</c> or the symbol of a local function, or null.</summary>
    public object? Function => function;

    public static Value Of(Origin origin, Link link) => new(s_noLinks.Add(origin, link), mayBeOther: false);

    public static Value OfTuple(IEnumerable<Value> elements) => new(s_noLinks, mayBeOther: false, [.. elements]);

    public static Value OfFunction(object function) => new(s_noLinks, mayBeOther: false, function: function);

    public IEnumerable<Origin> Those(Link link) =>
        links.IsEmpty ? [] : links.Where(pair => (pair.Value & link) != 0).Select(static pair => pair.Key);

    /// <summary>Whether it may be the object, or a tuple that contains it.</summary>
    public bool Holds(Origin origin) => (links.TryGetValue(origin, out Link link) && (link & Link.Whole) != 0)
        || (!elements.IsDefault && elements.Any(element => element.Holds(origin)));

    public bool Has(Link link) => !links.IsEmpty && links.Any(pair => (pair.Value & link) != 0);

    /// <summary>The only object that it can be, or null.</summary>
    public Origin? Single(Link link) => !mayBeOther && links.Count == 1 && Those(link).FirstOrDefault() is { } only ? only : null;

    /// <summary>The same objects, linked otherwise; those of which no link is left are dropped.</summary>
    public Value Map(Func<Link, Link> change)
    {
        if (links.IsEmpty)
            return elements.IsDefault && function is null ? this : mayBeOther ? Other : Nothing;
        ImmutableDictionary<Origin, Link> changed = s_noLinks;
        foreach (KeyValuePair<Origin, Link> pair in links)
        {
            if (change(pair.Value) is not Link.None and var link)
                changed = changed.Add(pair.Key, link);
        }

        return new Value(changed, mayBeOther || changed.Count < links.Count);
    }

    public Value Without(Origin origin) =>
        links.ContainsKey(origin) ? new Value(links.Remove(origin), mayBeOther: true, elements, function) : this;

    /// <summary>What is one or the other.</summary>
    public Value Or(Value other)
    {
        if (ReferenceEquals(this, other) || Equals(other))
            return this;
        ImmutableDictionary<Origin, Link> union = links;
        foreach (KeyValuePair<Origin, Link> pair in other.Links)
            union = union.SetItem(pair.Key, union.TryGetValue(pair.Key, out Link link) ? link | pair.Value : pair.Value);
        ImmutableArray<Value> both = elements.IsDefault ? other.Elements
            : other.Elements.IsDefault ? elements
            : elements.Length == other.Elements.Length ? [.. elements.Zip(other.Elements, static (left, right) => left.Or(right))]
            : default;
        object? one = function is null ? other.Function : other.Function is null || function.Equals(other.Function) ? function : null;
        return new Value(union, mayBeOther || other.MayBeOther || (one is null && (function ?? other.Function) is not null), both, one);
    }

    public bool Equals(Value other) =>
        mayBeOther == other.MayBeOther && links.Count == other.Links.Count && Equals(function, other.Function)
        && links.All(pair => other.Links.TryGetValue(pair.Key, out Link link) && link == pair.Value)
        && (elements.IsDefault ? other.Elements.IsDefault
            : !other.Elements.IsDefault && elements.Length == other.Elements.Length
                && elements.Zip(other.Elements, static (left, right) => left.Equals(right)).All(static same => same));
}
