using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>Names as they stand in generated source, where nothing is imported and anything may be shadowed.</summary>
internal static class TypeNames
{
    private static readonly SymbolDisplayFormat s_namespace = SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted);

    /// <summary><c>int</c>, <c>global::Acme.Outer.Quote</c>.</summary>
    public static string Of(ITypeSymbol type) => OfSpecial(type.SpecialType) ?? type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    /// <summary><c>Acme.Market</c>, keywords escaped.</summary>
    public static string Of(INamespaceSymbol space) => space.ToDisplayString(s_namespace);

    /// <summary><c>struct</c>, <c>record</c>, <c>interface</c>, … as it stands in a declaration.</summary>
    public static string KeywordOf(INamedTypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Interface } => "interface",
        { TypeKind: TypeKind.Struct, IsRecord: true } => "record struct",
        { TypeKind: TypeKind.Struct } => "struct",
        { IsRecord: true } => "record",
        _ => "class",
    };

    // Formatting a symbol is slow, and most fields are of these types.
    private static string? OfSpecial(SpecialType type) => type switch
    {
        SpecialType.System_Boolean => "bool",
        SpecialType.System_SByte => "sbyte",
        SpecialType.System_Byte => "byte",
        SpecialType.System_Int16 => "short",
        SpecialType.System_UInt16 => "ushort",
        SpecialType.System_Int32 => "int",
        SpecialType.System_UInt32 => "uint",
        SpecialType.System_Int64 => "long",
        SpecialType.System_UInt64 => "ulong",
        SpecialType.System_Single => "float",
        SpecialType.System_Double => "double",
        SpecialType.System_Char => "char",
        SpecialType.System_Decimal => "decimal",
        _ => null,
    };
}
