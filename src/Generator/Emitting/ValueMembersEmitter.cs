namespace TypedShm.Generator;

/// <summary>
/// Writes what makes the struct a value that can be compared, shown and taken apart. How, the runtime knows from the layout, so that it
/// costs no code for each field.
/// </summary>
internal static class ValueMembersEmitter
{
    private const string Fields = "global::TypedShm.SharedFields";

    public static void Emit(SourceWriter writer, LayoutSpec layout, GeneratedMembers members)
    {
        string self = layout.Identifier;
        if (members.HasFlag(GeneratedMembers.Equality))
        {
            writer.Line($"public readonly bool Equals({self} other) => {Fields}.AreEqual(in this, in other);");
            writer.Line($"public readonly override int GetHashCode() => {Fields}.GetHashCode(in this);");
        }

        if (members.HasFlag(GeneratedMembers.Operators))
        {
            writer.Line($"public readonly override bool Equals(object? other) => other is {self} same && Equals(same);");
            writer.Line($"public static bool operator ==(in {self} left, in {self} right) => left.Equals(right);");
            writer.Line($"public static bool operator !=(in {self} left, in {self} right) => !left.Equals(right);");
        }

        if (members.HasFlag(GeneratedMembers.Text))
            writer.Line($"public readonly override string ToString() => {Fields}.Format(in this);");
        if (members.HasFlag(GeneratedMembers.Deconstruction))
            EmitDeconstruct(writer, layout);
        if ((members & GeneratedMembers.All) != GeneratedMembers.None)
            writer.Line();
    }

    private static void EmitDeconstruct(SourceWriter writer, LayoutSpec layout)
    {
        string[] names = [.. layout.Fields.Select(static field => char.ToLowerInvariant(field.Name[0]) + field.Name.Substring(1))];
        if (names.Distinct().Count() < names.Length)
            names = [.. layout.Fields.Select(static field => field.Name)];
        names = [.. names.Select(Identifiers.Escape)];
        string parameters = string.Join(", ", layout.Fields.Select((field, index) => $"out {field.StorageTypeName} {names[index]}"));
        using (writer.Open($"public readonly void Deconstruct({parameters})"))
        {
            for (int i = 0; i < names.Length; i++)
                writer.Line($"{names[i]} = this.{layout.Fields[i].Identifier};");
        }
    }
}
