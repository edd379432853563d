using System.Globalization;

namespace TypedShm.Layout;

/// <summary>Where a field, or an element of an array, stands in a struct.</summary>
/// <param name="Plan">The field.</param>
/// <param name="Offset">Bytes from the start of the struct.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="IsArray">Whether it is a whole array.</param>
internal readonly record struct FieldPlace(FieldPlan Plan, int Offset, int Length, bool IsArray)
{
    /// <summary>Finds what a path names: <c>Position</c>, <c>Cores[1].User</c>.</summary>
    /// <exception cref="KeyNotFoundException">The struct has no such field.</exception>
    public static FieldPlace Find(FieldPlan whole, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        FieldPlace place = new(whole, 0, whole.Field.Size, IsArray: false);
        foreach (string step in path.Split('.'))
            place = place.IsArray
                ? throw NoSuch(path,
                $"'{place.Plan.Field.Name}' is an array: name one of its elements, [0] to [{place.Plan.Field.Length - 1}]")
                : place.Step(step, path);
        return place;
    }

    private FieldPlace Step(string step, string path)
    {
        int bracket = step.IndexOf('[', StringComparison.Ordinal);
        string name = bracket < 0 ? step : step[..bracket];
        FieldPlan plan = Array.Find(Plan.Fields, field => field.Field.Name == name)
            ?? throw NoSuch(path,
                $"'{Plan.Field.Name}' has the fields {string.Join(", ", Plan.Fields.Take(50).Select(field => field.Field.Name))}");
        int offset = Offset + plan.Field.Offset;
        if (bracket < 0)
            return new FieldPlace(plan, offset, (int)plan.Bytes, plan.Field.Length is not null);
        if (!step.EndsWith(']')
            || !int.TryParse(step.AsSpan(bracket + 1, step.Length - bracket - 2), NumberStyles.None, CultureInfo.InvariantCulture,
                out int index)
            || index >= (plan.Field.Length ?? 0))
            throw NoSuch(path, plan.Field.Length is int length
                ? $"'{name}' has the elements [0] to [{length - 1}]"
                : $"'{name}' is no array");
        return new FieldPlace(plan, offset + (index * plan.Field.Size), plan.Field.Size, IsArray: false);
    }

    private static KeyNotFoundException NoSuch(string path, string why) => new($"There is no field '{path}': {why}.");
}
