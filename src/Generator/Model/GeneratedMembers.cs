namespace TypedShm.Generator;

/// <summary>
/// What is generated for a struct besides its views: whatever the user has not declared; and what the views have if it is asked for.
/// </summary>
[Flags]
internal enum GeneratedMembers
{
    None = 0,

    /// <summary><c>Equals</c> and <c>GetHashCode</c>, which a record struct lacks only in form.</summary>
    Equality = 1,

    /// <summary>The operators and <c>Equals(object)</c>, which a record struct has.</summary>
    Operators = 2,

    /// <summary><c>ToString</c>.</summary>
    Text = 4,

    /// <summary><c>Deconstruct</c>.</summary>
    Deconstruction = 8,

    /// <summary>The converter to and from JSON.</summary>
    Json = 16,

    /// <summary>A debugger proxy of the views, and conversions to them. They add to the source, so that they are asked for.</summary>
    ViewExtras = 32,

    /// <summary>What makes the struct a value.</summary>
    All = Equality | Operators | Text | Deconstruction | Json,
}
