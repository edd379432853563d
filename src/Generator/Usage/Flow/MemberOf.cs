using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>A field or property of the object that a local or parameter holds, as long as that holds the same one.</summary>
internal sealed class MemberOf(ISymbol holder, ISymbol member)
{
    public ISymbol Holder => holder;

    public ISymbol Member => member;

    public override bool Equals(object? other) => other is MemberOf same
        && SymbolEqualityComparer.Default.Equals(holder, same.Holder) && SymbolEqualityComparer.Default.Equals(member, same.Member);

    public override int GetHashCode() =>
        (SymbolEqualityComparer.Default.GetHashCode(holder) * 31) + SymbolEqualityComparer.Default.GetHashCode(member);
}
