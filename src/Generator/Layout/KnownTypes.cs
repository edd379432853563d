using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>A type whose size and alignment are the same in every 64-bit .NET process, under the JIT and Native AOT.</summary>
internal readonly record struct KnownType(string Kind, int Size, int Alignment)
{
    /// <summary>The type for use in source, if every type of this kind has the same.</summary>
    public string? TypeName { get; init; }
}

/// <summary>
/// The types that have a size of their own. For those of the BCL the compiler cannot tell it (reference assemblies show
/// placeholder fields), so they are listed; a test compares every row with the running runtime.
/// </summary>
internal static class KnownTypes
{
    /// <summary>Structs of the BCL, by metadata name.</summary>
    public static IReadOnlyDictionary<string, KnownType> Structs { get; } = new Dictionary<string, KnownType>
    {
        ["System.Half"] = new("float16", 2, 2),
        ["System.Int128"] = new("int128", 16, 16),
        ["System.UInt128"] = new("uint128", 16, 16),
        ["System.Guid"] = new("guid", 16, 4),
        ["System.TimeSpan"] = new("timespan", 8, 8),
        ["System.DateOnly"] = new("dateonly", 4, 4),
        ["System.TimeOnly"] = new("timeonly", 8, 8),
        ["System.Index"] = new("index", 4, 4),
        ["System.Range"] = new("range", 8, 4),
        ["System.Text.Rune"] = new("rune", 4, 4),
        ["System.Numerics.Complex"] = new("complex", 16, 8),
        ["System.Numerics.Vector2"] = new("vector2", 8, 4),
        ["System.Numerics.Vector3"] = new("vector3", 12, 4),
        ["System.Numerics.Vector4"] = new("vector4", 16, 4),
        ["System.Numerics.Quaternion"] = new("quaternion", 16, 4),
        ["System.Numerics.Plane"] = new("plane", 16, 4),
        ["System.Numerics.Matrix3x2"] = new("matrix3x2", 24, 4),
        ["System.Numerics.Matrix4x4"] = new("matrix4x4", 64, 4),
        ["System.Runtime.Intrinsics.Vector64`1"] = new("vector64", 8, 8),
        ["System.Runtime.Intrinsics.Vector128`1"] = new("vector128", 16, 16),
    };

    // By the last part of the name, which need not be put together.
    private static readonly Dictionary<string, (string Name, KnownType Type)> s_byLastName = Structs.ToDictionary(
        static row => row.Key.Substring(row.Key.LastIndexOf('.') + 1),
        static row => (row.Key, row.Value with { TypeName = row.Key.Contains('`') ? null : $"global::{row.Key}" }));

    /// <summary>
    /// Structs of the BCL that look harmless, whose layout is the runtime's or the processor's choice, and what to use instead.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Unstable { get; } = new Dictionary<string, string>
    {
        ["System.DateTime"] = "store its Ticks in a 'long'",
        ["System.DateTimeOffset"] = "store its UtcTicks in a 'long' and its offset in a 'short'",
        ["System.Numerics.Vector`1"] = "use Vector128<T>, whose size does not depend on the processor",
        ["System.Runtime.Intrinsics.Vector256`1"] = "use two Vector128<T>, whose alignment is the same on x64 and arm64",
        ["System.Runtime.Intrinsics.Vector512`1"] = "use four Vector128<T>, whose alignment is the same on x64 and arm64",
    };

    public static KnownType? Find(ITypeSymbol type)
    {
        if (OfSpecial(type.SpecialType) is { } primitive)
            return primitive;
        if (type is not INamedTypeSymbol named)
            return null;
        if (named.EnumUnderlyingType is { } underlying)
            return OfSpecial(underlying.SpecialType);
        return s_byLastName.TryGetValue(named.MetadataName, out (string Name, KnownType Type) row) && MetadataNames.Is(named, row.Name)
            && AreElements(named.TypeArguments) ? row.Type : null;
    }

    // A vector has elements of a size that every process agrees on; of others the processor has none.
    private static bool AreElements(ImmutableArray<ITypeSymbol> types) =>
        types.All(static type => type.SpecialType is >= SpecialType.System_SByte and <= SpecialType.System_UInt64
            or SpecialType.System_Single or SpecialType.System_Double);

    private static KnownType? OfSpecial(SpecialType type) => type switch
    {
        SpecialType.System_Boolean => new("bool", 1, 1),
        SpecialType.System_SByte => new("int8", 1, 1),
        SpecialType.System_Byte => new("uint8", 1, 1),
        SpecialType.System_Int16 => new("int16", 2, 2),
        SpecialType.System_UInt16 => new("uint16", 2, 2),
        SpecialType.System_Int32 => new("int32", 4, 4),
        SpecialType.System_UInt32 => new("uint32", 4, 4),
        SpecialType.System_Int64 => new("int64", 8, 8),
        SpecialType.System_UInt64 => new("uint64", 8, 8),
        SpecialType.System_Single => new("float32", 4, 4),
        SpecialType.System_Double => new("float64", 8, 8),
        SpecialType.System_Char => new("char16", 2, 2),
        SpecialType.System_Decimal => new("decimal", 16, 8),
        _ => null,
    };
}
