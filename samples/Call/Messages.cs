using TypedShm;

namespace Types;

/// <summary>What a client asks: the name of a type, or a pattern for a search.</summary>
[SharedLayout]
public partial struct Question
{
    public Text256 Text;
}

/// <summary>The answer to a look-up. The names of the type's methods, which have no fixed length, are its payload.</summary>
[SharedLayout]
public partial struct Found
{
    /// <summary>The assembly that the type is in; empty if there is no such type.</summary>
    public Text128 Assembly;

    /// <summary>How many names its public methods have.</summary>
    public int Methods;
}

/// <summary>The answer to a search.</summary>
[SharedLayout]
public partial struct Matches
{
    public int Count;
}
