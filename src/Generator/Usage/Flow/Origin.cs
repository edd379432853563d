using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>
/// An object of the runtime that holds memory, as one place of a method makes it or one of its variables brings it in: an end, a claim, a
/// lease, a held message. What is true of it at one point is its <see cref="Life"/>; here stands what happens to it anywhere in the method.
/// </summary>
/// <param name="type">Its type.</param>
/// <param name="site">The call that makes it; null if a parameter or a field brings it in.</param>
/// <param name="variable">The parameter or field that brings it in; null if a call makes it.</param>
/// <param name="owner">The end that it was made by, if that is known.</param>
internal sealed class Origin(ITypeSymbol type, IOperation? site, ISymbol? variable, Origin? owner)
{
    public ITypeSymbol Type => type;

    public IOperation? Site => site;

    public Origin? Owner => owner;

    /// <summary>Whether this method makes it, and so has to see to its end.</summary>
    public bool IsMadeHere => site is not null;

    /// <summary>The local that is declared with it.</summary>
    public ILocalSymbol? Holder { get; set; }

    public bool IsDisposed { get; set; }

    /// <summary>The places that publish or dispose it.</summary>
    public HashSet<IOperation> Endings { get; } = [];

    /// <summary>Whether it is disposed by a call that stands in the source, not by a <c>using</c>.</summary>
    public bool IsGivenUp { get; set; }

    public bool IsPublished { get; set; }

    /// <summary>Whether it goes where this method cannot see it.</summary>
    public bool HasEscaped { get; set; }

    /// <summary>Whether its memory is read.</summary>
    public bool IsRead { get; set; }

    /// <summary>Whether it is asked, after something was read, if that is intact.</summary>
    public bool IsAsked { get; set; }

    /// <summary>What messages call it.</summary>
    public string Name => variable?.Name ?? Holder?.Name ?? site!.Syntax.ToString();

    /// <summary>Where it is declared, else made.</summary>
    public Location Location => Holder?.Locations[0] ?? site!.Syntax.GetLocation();
}
