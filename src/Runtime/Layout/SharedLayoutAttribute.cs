namespace TypedShm;

/// <summary>
/// Marks a blittable, <see langword="partial"/> struct whose layout is shared between processes. The generator adds
/// typed views (<c>SharedView</c>, <c>ReadOnlySharedView</c>), the field offsets (<c>SharedOffsets</c>) and an
/// implementation of <see cref="ISharedLayout{TSelf}"/>; analyzers report every field that cannot be shared.
/// </summary>
/// <example>
/// <code>
/// [SharedLayout]
/// public partial struct Telemetry
/// {
///     public long Tick;
///     public double Rpm;
///     [Atomic] public int Faults;
///     public Text32 Unit;
/// }
/// </code>
/// </example>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class SharedLayoutAttribute : Attribute
{
    /// <summary>
    /// Whether the generator also adds what makes the struct a value that can be compared and shown: equality, <c>ToString</c>, a
    /// converter to JSON and, for few fields, <c>Deconstruct</c>; each only if the struct does not declare it. On by default; the MSBuild
    /// property <c>TypedShmValueMembers</c> switches it off for a project.
    /// </summary>
    public bool ValueMembers { get; set; } = true;
}
