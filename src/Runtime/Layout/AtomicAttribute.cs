namespace TypedShm;

/// <summary>
/// Marks a field that several threads or processes write or wait for. The generated views return it as
/// <see cref="Atomic{T}"/> or <see cref="ReadOnlyAtomic{T}"/>, whose reads acquire, whose writes release, and which
/// has the operations of <see cref="Interlocked"/>.
/// </summary>
/// <remarks>
/// The field is an integer, an enum, a floating-point number, a <see cref="bool"/> or a <see cref="char"/> of 1, 2, 4
/// or 8 bytes, at an offset that is a multiple of its size. Anything else is reported by the analyzer.
/// </remarks>
[AttributeUsage(AttributeTargets.Field)]
public sealed class AtomicAttribute : Attribute;
