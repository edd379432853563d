namespace TypedShm.Generator;

internal enum LayoutChange
{
    /// <summary>A field is not what it was, or not where; or the struct has become smaller.</summary>
    Field,

    /// <summary>A member of an enum has another value, or is gone.</summary>
    Member,

    /// <summary>Something has been added, where it may.</summary>
    Addition,
}

/// <summary>One way in which a struct differs from what is published of it.</summary>
/// <param name="Change">What has changed.</param>
/// <param name="Field">The name of the field at fault, if the struct has it; else null.</param>
/// <param name="Text">The difference, as the beginning of a sentence; of an addition, what it is.</param>
internal sealed record LayoutDifference(LayoutChange Change, string? Field, string Text);
