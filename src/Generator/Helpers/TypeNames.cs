using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>Names as they stand in generated source, where nothing is imported and anything may be shadowed.</summary>
internal static class TypeNames
{
    /// <summary><c>int</c>, <c>global::Acme.Outer.Quote</c>.</summary>
    public static string Of(ITypeSymbol type) =>
        OfSpecial(type.SpecialType) ?? OfPlain(type) ?? type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    /// <summary><c>Acme.Market</c>, keywords escaped.</summary>
    public static string Of(INamespaceSymbol space) =>
        space.ContainingNamespace is { IsGlobalNamespace: false } outer
            ? $"{Of(outer)}.{Identifiers.Escape(space.Name)}"
            : Identifiers.Escape(space.Name);

    /// <summary><c>struct</c>, <c>record</c>, <c>interface</c>, … as it stands in a declaration.</summary>
    public static string KeywordOf(INamedTypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Interface } => "interface",
        { TypeKind: TypeKind.Struct, IsRecord: true } => "record struct",
        { TypeKind: TypeKind.Struct } => "struct",
        { IsRecord: true } => "record",
        _ => "class",
    };

    // Formatting a symbol is slow, and only generics, arrays and the like need it.
    private static string? OfPlain(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol
            {
                SpecialType: SpecialType.None, TypeKind: not TypeKind.Error, IsGenericType: false,
                IsTupleType: false
            })
            return null;
        string name = Identifiers.Escape(type.Name);
        return type.ContainingType is { } outer ? $"{Of(outer)}.{name}"
            : type.ContainingNamespace.IsGlobalNamespace ? $"global::{name}"
            : $"global::{Of(type.ContainingNamespace)}.{name}";
    }

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
