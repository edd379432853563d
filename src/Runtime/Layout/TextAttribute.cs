namespace TypedShm;

/// <summary>
/// Marks a field whose type is an <c>[InlineArray]</c> of <see cref="byte"/> as NUL-terminated UTF-8 text, so that the
/// generated views return it as <see cref="SharedText"/> or <see cref="ReadOnlySharedText"/>. The ready-made types
/// <see cref="Text16"/> to <see cref="Text256"/> need no mark.
/// </summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class TextAttribute : Attribute;
