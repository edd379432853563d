using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>What the attributes on a field say.</summary>
/// <param name="IsAtomic">Whether it is marked <c>[Atomic]</c>.</param>
/// <param name="IsText">Whether it is marked <c>[Text]</c>.</param>
/// <param name="IsForJson">Whether something is said to System.Text.Json.</param>
/// <param name="Carried">What its accessors have to carry.</param>
internal readonly record struct FieldMarks(bool IsAtomic, bool IsText, bool IsForJson, CarriedAttributes Carried)
{
    public static FieldMarks None { get; } = new(false, false, false, CarriedAttributes.None);

    public static FieldMarks Atomic { get; } = None with { IsAtomic = true };

    public static FieldMarks Of(IFieldSymbol field)
    {
        FieldMarks marks = None;
        foreach (AttributeData data in field.GetAttributes())
        {
            if (data.AttributeClass is not { } type)
                continue;
            if (MetadataNames.Is(type, MetadataNames.Atomic))
                marks = marks with { IsAtomic = true };
            else if (MetadataNames.Is(type, MetadataNames.Text))
                marks = marks with { IsText = true };
            else if (type.ContainingNamespace is
            {
                Name: "Serialization",
                ContainingNamespace: { Name: "Json", ContainingNamespace.Name: "Text" }
            })
                marks = marks with { IsForJson = true };
            else if (type.Name is "ObsoleteAttribute" or "ExperimentalAttribute")
                marks = marks with { Carried = CarriedAttributes.Of(field) };
        }

        return marks;
    }
}
