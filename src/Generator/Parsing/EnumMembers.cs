using System.Globalization;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>The members of enums.</summary>
internal static class EnumMembers
{
    /// <returns>None if the type is no enum.</returns>
    public static EquatableArray<EnumMember> Of(ITypeSymbol type) =>
        type is INamedTypeSymbol { TypeKind: TypeKind.Enum } named ? new EquatableArray<EnumMember>([.. Read(named)]) : default;

    // A value that is not known yet, in source that is being typed, is left out; so is a second member of one name.
    private static IEnumerable<EnumMember> Read(INamedTypeSymbol type)
    {
        HashSet<string> names = [];
        foreach (ISymbol member in type.GetMembers())
        {
            if (member is IFieldSymbol { HasConstantValue: true, ConstantValue: { } value } && names.Add(member.Name))
                yield return new EnumMember(member.Name, Convert.ToString(value, CultureInfo.InvariantCulture));
        }
    }
}
