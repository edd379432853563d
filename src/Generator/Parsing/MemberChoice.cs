using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>Which members are generated for a struct besides its views.</summary>
internal static class MemberChoice
{
    /// <summary>Beyond it a struct is not copied around, which equality, JSON and deconstruction do. It is the limit of a message, too.</summary>
    private const int MostSize = 16 * 1024;

    /// <summary>The most fields that somebody would take apart into variables.</summary>
    private const int MostDeconstructed = 5;

    /// <param name="type">The struct.</param>
    /// <param name="parsed">Its fields.</param>
    /// <param name="hasJsonAttributes">Whether an attribute of a field is for System.Text.Json, so that the struct is not for the converter.</param>
    public static GeneratedMembers Of(INamedTypeSymbol type, ParsedStruct parsed, bool hasJsonAttributes)
    {
        if (MetadataNames.FindAttribute(type, MetadataNames.SharedLayout) is { } mark
            && mark.NamedArguments.Any(static argument => argument is { Key: "ValueMembers", Value.Value: false }))
        {
            return GeneratedMembers.None;
        }

        HashSet<string> declared = [];
        foreach (ISymbol member in type.GetMembers())
        {
            if (!member.IsImplicitlyDeclared && !GeneratedCode.Contains(member))
                declared.Add(member is IMethodSymbol { ExplicitInterfaceImplementations: [{ Name: var name }, ..] } ? name : member.Name);
        }

        GeneratedMembers members = GeneratedMembers.None;
        if (!type.IsRecord && !declared.Contains("ToString"))
            members |= GeneratedMembers.Text;
        if (parsed.Size > MostSize)
            return members;
        if (!declared.Overlaps(["Equals", "GetHashCode", "op_Equality", "op_Inequality"]))
            members |= type.IsRecord ? GeneratedMembers.Equality : GeneratedMembers.Equality | GeneratedMembers.Operators;
        if (!hasJsonAttributes && MetadataNames.FindAttribute(type, MetadataNames.JsonConverter) is null)
            members |= GeneratedMembers.Json;
        if (!declared.Contains("Deconstruct") && CanBeDeconstructed(parsed.Fields))
            members |= GeneratedMembers.Deconstruction;
        return members;
    }

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
