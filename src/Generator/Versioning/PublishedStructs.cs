using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>What a layout file would record of a project as it is now.</summary>
internal static class PublishedStructs
{
    /// <summary>All valid shared structs that are declared in a project, by name.</summary>
    public static ImmutableArray<PublishedStruct> Of(Compilation compilation, CancellationToken cancellationToken)
    {
        List<PublishedStruct> found = [];
        Add(compilation.Assembly.GlobalNamespace, found, cancellationToken);
        return [.. found.OrderBy(static published => published.TypeName, StringComparer.Ordinal)];
    }

    /// <returns>Null if the type is no shared struct, or an invalid one.</returns>
    public static PublishedStruct? Of(INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        if (!IsShared(type) || StructParser.Parse(type, problems: null, cancellationToken) is not { } layout)
            return null;
        return new PublishedStruct(layout.MetadataName, layout.Name, layout.Size, layout.Alignment, Fields(type, layout.Fields));
    }

    public static bool IsShared(INamedTypeSymbol type) =>
        type.TypeKind == TypeKind.Struct && MetadataNames.FindAttribute(type, MetadataNames.SharedLayout) is not null;

    private static void Add(INamespaceOrTypeSymbol container, List<PublishedStruct> found, CancellationToken cancellationToken)
    {
        foreach (ISymbol member in container.GetMembers())
        {
            if (member is INamedTypeSymbol type && Of(type, cancellationToken) is { } published)
                found.Add(published);
            if (member is INamespaceOrTypeSymbol inner)
                Add(inner, found, cancellationToken);
        }
    }

    private static EquatableArray<PublishedField> Fields(INamedTypeSymbol type, EquatableArray<FieldSpec> fields) =>
        new([.. fields.Select(field => Field(ElementType(type, field.Name), field))]);

    private static PublishedField Field(INamedTypeSymbol? type, FieldSpec field) => new(
        field.Name, field.Kind, field.Offset, field.Size, field.Length, field.IsAtomic,
        field.Shape == FieldShape.Struct || field.Fields.Count > 0 ? Fields(type!, field.Fields) : default,
        type is { TypeKind: TypeKind.Enum } ? Members(type) : default);

    /// <summary>The type of a field, or of the elements of an array.</summary>
    private static INamedTypeSymbol? ElementType(INamedTypeSymbol container, string name)
    {
        IFieldSymbol field = container.GetMembers(name).OfType<IFieldSymbol>().First();
        return (InlineArrays.Find(field.Type)?.Element ?? field.Type) as INamedTypeSymbol;
    }

    private static EquatableArray<PublishedMember> Members(INamedTypeSymbol type) => new([..
        type.GetMembers().OfType<IFieldSymbol>()
            .Where(static member => member.HasConstantValue)
            .Select(static member => new PublishedMember(member.Name, Convert.ToString(member.ConstantValue, CultureInfo.InvariantCulture)))]);
}
