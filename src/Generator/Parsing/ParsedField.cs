using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>What a field, or each element of an array, is: the same for all fields of a type that has a size of its own.</summary>
internal sealed record ParsedElement(
    string Kind, string TypeName, FieldShape Shape, int Size, int Alignment, EquatableArray<FieldSpec> Fields)
{
    /// <summary>The members of an enum.</summary>
    public EquatableArray<EnumMember> Members { get; init; }
}

/// <summary>A field before it has its place.</summary>
/// <param name="Symbol">The field.</param>
/// <param name="Element">What it, or each element of it, is.</param>
/// <param name="StorageTypeName">Its declared type, for use in source.</param>
/// <param name="Length">Elements of an array, or null.</param>
/// <param name="Marks">Its attributes.</param>
internal readonly record struct ParsedField(
    IFieldSymbol Symbol, ParsedElement Element, string StorageTypeName, int? Length, FieldMarks Marks)
{
    /// <summary>
    /// Bytes that the field takes up. The runtime lays an inline array out as a struct of one element, whose size it rounds up to its
    /// alignment before it repeats it; the elements themselves stand as close as their own size lets them, so the rest is at the end.
    /// </summary>
    public long StorageSize => (Element.Shape == FieldShape.InlineArray
        ? LayoutCalculator.AlignUp(Element.Size, Element.Alignment)
        : Element.Size) * (Length ?? 1);

    /// <summary>The field at its offset.</summary>
    public FieldSpec At(int offset) => new(
        Symbol.Name, Element.Kind, Element.TypeName, Element.Shape, Access, Symbol.IsReadOnly, Marks.IsAtomic, offset, Element.Size,
            Element.Alignment, Length, Element.Fields,
        StorageTypeName)
    {
        IsFixedBuffer = Symbol.IsFixedSizeBuffer,
        Attributes = new EquatableArray<string>(Marks.Carried.Attributes),
        Members = Element.Members,
    };

    private FieldAccess Access => Symbol.DeclaredAccessibility switch
    {
        Accessibility.Public => FieldAccess.Public,
        Accessibility.Internal or Accessibility.ProtectedOrInternal => FieldAccess.Internal,
        _ => FieldAccess.Private,
    };
}
