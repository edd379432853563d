namespace TypedShm.Layout;

/// <summary>A field of a struct of this program, ready to be compared and shown.</summary>
/// <param name="Field">The field.</param>
/// <param name="Kind">What its bytes mean, or null for a struct.</param>
/// <param name="IsPublic">Whether it is public, so that it is shown.</param>
/// <param name="Fields">The fields of a struct.</param>
internal sealed record FieldPlan(LayoutField Field, FieldKind? Kind, bool IsPublic, FieldPlan[] Fields)
{
    /// <summary>Whether elements are compared byte by byte, padding included: there is none.</summary>
    public bool IsBitwise { get; } = Kind?.IsBitwise
        ?? (Fields.All(static field => field.IsBitwise) && Fields.Sum(static field => field.Bytes) == Field.Size);

    /// <summary>Bytes of the whole field.</summary>
    public long Bytes => (long)Field.Size * (Field.Length ?? 1);

    /// <summary>A whole struct of which only the layout is known: every field is shown.</summary>
    public static FieldPlan Of(LayoutDescriptor layout) => Of(layout, default);

    public static FieldPlan Of(LayoutDescriptor layout, ReadOnlySpan<int> hidden)
    {
        LayoutField whole = new(layout.Name, "struct", 0, layout.Size, null, isAtomic: false, layout.Fields, []);
        return new FieldPlan(whole, null, IsPublic: true, Of(layout.Fields, hidden));
    }

    /// <param name="fields">The fields of a layout.</param>
    /// <param name="hidden">
    /// The numbers of those that are not public, in the order of <see cref="ISharedLayout{TSelf}.HiddenFields"/>.
    /// </param>
    public static FieldPlan[] Of(IReadOnlyList<LayoutField> fields, ReadOnlySpan<int> hidden)
    {
        int next = 0;
        return Of(fields, hidden, ref next);
    }

    private static FieldPlan[] Of(IReadOnlyList<LayoutField> fields, ReadOnlySpan<int> hidden, ref int next)
    {
        FieldPlan[] plans = new FieldPlan[fields.Count];
        for (int i = 0; i < plans.Length; i++)
        {
            bool isPublic = !hidden.Contains(next++);
            plans[i] = new FieldPlan(fields[i], fields[i].Kind == "struct" ? null : FieldKinds.Of(fields[i].Kind), isPublic,
                Of(fields[i].Fields, hidden, ref next));
        }

        return plans;
    }
}

/// <summary>The fields of a struct of this program.</summary>
internal static class FieldPlan<T>
    where T : unmanaged, ISharedLayout<T>
{
    public static readonly FieldPlan Whole = FieldPlan.Of(LayoutDescriptor.Of<T>(), T.HiddenFields);
}
