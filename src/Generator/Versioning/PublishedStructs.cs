using System.Collections.Immutable;
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
        return new PublishedStruct(layout.MetadataName, layout.Name, layout.Size, layout.Alignment, Fields(layout.Fields));
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

    private static EquatableArray<PublishedField> Fields(EquatableArray<FieldSpec> fields) =>
        new([.. fields.Select(static field => Field(field))]);

    private static PublishedField Field(FieldSpec field) =>
        new(field.Name, field.Kind, field.Offset, field.Size, field.Length, field.IsAtomic, Fields(field.Fields), field.Members);
}
