namespace TypedShm.Generator;

/// <summary>How a field's views show it.</summary>
internal enum FieldShape
{
    /// <summary>A primitive, an enum or a known struct of the BCL: by reference.</summary>
    Value,

    /// <summary>Another shared struct: its own view.</summary>
    Struct,

    /// <summary>An <c>[InlineArray]</c>: a span.</summary>
    InlineArray,

    /// <summary>A <c>fixed</c> buffer: a span.</summary>
    FixedBuffer,

    /// <summary>Text.</summary>
    Text,
}

/// <summary>Who may use a field, and so its accessor.</summary>
internal enum FieldAccess
{
    Private,
    Internal,
    Public,
}

/// <summary>One field of a <see cref="LayoutSpec"/>.</summary>
/// <param name="Name">The name, without <c>@</c>.</param>
/// <param name="Kind">The kind, as docs/format.md lists them.</param>
/// <param name="TypeName">The type of the field, or of the elements of an array, for use in source.</param>
/// <param name="Shape">How views show it.</param>
/// <param name="Access">Who may use it.</param>
/// <param name="IsReadOnly">Whether it is <c>readonly</c>.</param>
/// <param name="IsAtomic">Whether it is marked <c>[Atomic]</c>.</param>
/// <param name="Offset">Bytes from the start of the struct.</param>
/// <param name="Size">Bytes; of an array, of one element.</param>
/// <param name="Alignment">Bytes, of the type, whatever Pack makes of it.</param>
/// <param name="Length">Elements of an array, or null.</param>
/// <param name="Fields">The fields of a shared struct.</param>
/// <param name="StorageTypeName">The declared type of the field, for use in source.</param>
internal sealed record FieldSpec(
    string Name, string Kind, string TypeName, FieldShape Shape, FieldAccess Access, bool IsReadOnly, bool IsAtomic,
    int Offset, int Size, int Alignment, int? Length, EquatableArray<FieldSpec> Fields, string StorageTypeName)
{
    /// <summary>The name for use in source.</summary>
    public string Identifier => Identifiers.Escape(Name);

    /// <summary>Whether it is a <c>fixed</c> buffer, text or not.</summary>
    public bool IsFixedBuffer { get; init; }

    /// <summary>The field's <c>[Obsolete]</c>, for use in source, or null.</summary>
    public string? Obsolete { get; init; }

    /// <summary>Bytes of the whole field.</summary>
    public int TotalSize => Size * (Length ?? 1);

    /// <summary>The end of the field, exclusive.</summary>
    public int End => Offset + TotalSize;
}
