using System.Globalization;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>The members of enums, each enum read once.</summary>
internal sealed class EnumMembers
{
    private readonly Dictionary<INamedTypeSymbol, EquatableArray<EnumMember>> _known = new(SymbolEqualityComparer.Default);

    /// <returns>None if the type is no enum.</returns>
    public EquatableArray<EnumMember> Of(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Enum } named)
            return default;
        if (!_known.TryGetValue(named, out EquatableArray<EnumMember> members))
            _known.Add(named, members = new EquatableArray<EnumMember>([.. Read(named)]));
        return members;
    }

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
