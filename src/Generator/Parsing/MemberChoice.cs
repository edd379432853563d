using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>Which members are generated for a struct besides its views.</summary>
internal static class MemberChoice
{
    /// <summary>
    /// Beyond it a struct is not copied around, which equality, JSON and deconstruction do. It is the limit of a message, too.
    /// </summary>
    private const int MostSize = 16 * 1024;

    /// <summary>The most fields that somebody would take apart into variables.</summary>
    private const int MostDeconstructed = 5;

    /// <param name="type">The struct.</param>
    /// <param name="parsed">Its fields.</param>
    /// <param name="hasJsonAttributes">
    /// Whether an attribute of a field is for System.Text.Json, so that the struct is not for the converter.
    /// </param>
    public static GeneratedMembers Of(INamedTypeSymbol type, ParsedStruct parsed, bool hasJsonAttributes)
    {
        if (MetadataNames.FindAttribute(type, MetadataNames.SharedLayout) is { } mark
            && mark.NamedArguments.Any(static argument => argument is { Key: "ValueMembers", Value.Value: false }))
        {
            return GeneratedMembers.None;
        }

        GeneratedMembers members = type.IsRecord
            ? GeneratedMembers.All & ~(GeneratedMembers.Text | GeneratedMembers.Operators)
            : GeneratedMembers.All;
        members &= ~DeclaredBy(type);
        if (hasJsonAttributes || MetadataNames.FindAttribute(type, MetadataNames.JsonConverter) is not null)
            members &= ~GeneratedMembers.Json;
        if (!CanBeDeconstructed(parsed.Fields))
            members &= ~GeneratedMembers.Deconstruction;
        return parsed.Size > MostSize ? members & GeneratedMembers.Text : members;
    }

    // What the user has written, also as the implementation of an interface's member, whose name ends with that member's.
    private static GeneratedMembers DeclaredBy(INamedTypeSymbol type)
    {
        GeneratedMembers declared = GeneratedMembers.None;
        foreach (ISymbol member in type.GetMembers())
        {
            GeneratedMembers found = member is IMethodSymbol { ExplicitInterfaceImplementations: [{ Name: var name }, ..] }
                ? Named(name)
                : Named(member.Name);
            if (found != GeneratedMembers.None && !member.IsImplicitlyDeclared && !GeneratedCode.Contains(member))
                declared |= found;
        }

        return declared;
    }

    private static GeneratedMembers Named(string name) => name switch
    {
        "ToString" => GeneratedMembers.Text,
        "Equals" or "GetHashCode" or "op_Equality" or "op_Inequality" => GeneratedMembers.Equality | GeneratedMembers.Operators,
        "Deconstruct" => GeneratedMembers.Deconstruction,
        _ => GeneratedMembers.None,
    };

    private static bool CanBeDeconstructed(EquatableArray<FieldSpec> fields)
    {
        if (fields.Count is < 2 or > MostDeconstructed)
            return false;
        foreach (FieldSpec field in fields)
        {
            if (field.Access != FieldAccess.Public || field.IsFixedBuffer || field.Attributes.Count > 0)
                return false;
        }

        return true;
    }
}
