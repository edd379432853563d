using Microsoft.CodeAnalysis;

namespace TypedShm.Generator;

/// <summary>
/// What the rules on usage know of the runtime's types and of generated ones: by name and shape, so that every future channel is one.
/// </summary>
internal static class SharedTypes
{
    /// <summary>Whether it is a class of the runtime that must be disposed: an end of a channel.</summary>
    public static bool IsChannel(ITypeSymbol? type) =>
        type is INamedTypeSymbol { TypeKind: TypeKind.Class } && IsOfRuntime(type) && IsDisposable(type);

    /// <summary>
    /// Whether it is a channel, a lease, a claim or anything else of the runtime that gives memory back when it is disposed.
    /// </summary>
    public static bool HoldsMemory(ITypeSymbol? type) =>
        type is not null && IsOfRuntime(type) && (IsDisposable(type) || HasMember(type, nameof(IDisposable.Dispose)));

    /// <summary>Whether it is a lease whose memory the writer may overwrite.</summary>
    public static bool IsOverwritableLease(ITypeSymbol? type) =>
        type is { IsRefLikeType: true } && IsOfRuntime(type) && HasMember(type, "IsIntact");

    /// <summary>Whether the rules follow what becomes of it.</summary>
    public static bool IsFollowed(ITypeSymbol? type) => HoldsMemory(type) || IsOverwritableLease(type);

    /// <summary>Whether it is a claim, which must be published.</summary>
    public static bool IsClaim(ITypeSymbol? type) => PublishingMethod(type) is not null;

    /// <summary>What publishes a claim: <c>Commit</c>, or of a claimed call <c>Call</c>; null if it is no claim.</summary>
    public static string? PublishingMethod(ITypeSymbol? type) =>
        type is not { IsRefLikeType: true } || !IsOfRuntime(type) ? null
        : HasMember(type, "Commit") ? "Commit"
        : HasMember(type, "Call") ? "Call"
        : null;

    /// <summary>Whether a method publishes a claim, if only to give it up when a time has passed.</summary>
    public static bool Publishes(IMethodSymbol method, ITypeSymbol claim) =>
        PublishingMethod(claim) is { } name && (method.Name == name || method.Name == "Try" + name);

    /// <summary>Whether a lease ends with the method, since what it gives keeps the message from then on.</summary>
    public static bool TakesOver(IMethodSymbol method) => method.Name == "Hold" && IsFollowed(method.ReturnType);

    /// <summary>
    /// Whether what it holds is shared while it is used, so that others see each store: a live struct or element, not a claim or a lease.
    /// </summary>
    public static bool IsLive(ITypeSymbol type) =>
        IsView(type) || (IsOfRuntime(type) && (IsChannel(type) || !HoldsMemory(type)) && !IsOverwritableLease(type));

    /// <summary>Whether it is an end of a channel whose writer can be waited for.</summary>
    public static bool IsWaitable(ITypeSymbol type) => IsChannel(type) && HasMember(type, "Wait");

    /// <summary>Whether it is a generated view.</summary>
    public static bool IsView(ITypeSymbol? type) =>
        type is INamedTypeSymbol { Name: "SharedView" or "ReadOnlySharedView", IsRefLikeType: true, ContainingType: { } shared }
        && IsShared(shared);

    /// <summary>Whether it is marked [SharedLayout].</summary>
    public static bool IsShared(ITypeSymbol type) => MetadataNames.FindAttribute(type, MetadataNames.SharedLayout) is not null;

    /// <summary>Whether it is the property of a view that stands for a field, by reference.</summary>
    public static bool IsPlainField(IPropertySymbol property) => IsView(property.ContainingType) && IsByReference(property);

    /// <summary>Whether it leads to shared memory without more than computing an address.</summary>
    public static bool IsAddress(IPropertySymbol property) =>
        IsView(property.ContainingType) || IsView(property.Type) || (IsOfRuntime(property.ContainingType)
            && (IsByReference(property) || property.Type.IsRefLikeType)) || IsSpan(property.ContainingType);

    /// <summary>Whether it is a property of a class that gives the end which it stores, and does nothing else.</summary>
    public static bool IsStored(IPropertySymbol property) =>
        IsChannel(property.Type) && property is { IsVirtual: false, IsAbstract: false, IsOverride: false }
        && property.ContainingType.GetMembers().OfType<IFieldSymbol>()
            .Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));

    public static bool IsByReference(IPropertySymbol property) => property.ReturnsByRef || property.ReturnsByRefReadonly;

    public static bool IsSpan(ITypeSymbol? type) => type is INamedTypeSymbol
    {
        Name: "Span" or "ReadOnlySpan",
        ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true }
    };

    /// <summary>Whether a value of the type can refer into memory: a view, a span, or the memory of a held message.</summary>
    public static bool CanRefer(ITypeSymbol? type) => type is { IsRefLikeType: true } or INamedTypeSymbol
    {
        Name: "Memory" or "ReadOnlyMemory",
        ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true }
    };

    /// <summary>Whether a parameter refers to a shared struct, or to several, wherever they may lie.</summary>
    public static bool RefersToShared(IParameterSymbol parameter) =>
        (parameter.RefKind is (RefKind.Ref or RefKind.In or RefKind.RefReadOnlyParameter) && IsShared(parameter.Type))
        || (IsSpan(parameter.Type) && IsShared(((INamedTypeSymbol)parameter.Type).TypeArguments[0]));

    /// <summary>Whether a method only computes with numbers, and so is compiled in place and reads nothing anew.</summary>
    public static bool IsArithmetic(IMethodSymbol method) =>
        IsNumber(method.ReturnType) && method.Parameters.All(static parameter => parameter.RefKind == RefKind.None)
        && (IsNumber(method.ContainingType) || method.ContainingType is
        {
            Name: "Math" or "MathF" or "Enum",
            ContainingNamespace: { Name: "System", ContainingNamespace.IsGlobalNamespace: true }
        });

    private static bool IsNumber(ITypeSymbol type) =>
        type.SpecialType is SpecialType.System_Boolean or (>= SpecialType.System_Char and <= SpecialType.System_Double);

    public static bool IsOfRuntime(ITypeSymbol? type) =>
        type is { ContainingNamespace: { Name: "TypedShm", ContainingNamespace.IsGlobalNamespace: true } };

    private static bool IsDisposable(ITypeSymbol type) =>
        type.AllInterfaces.Any(static contract => contract.SpecialType == SpecialType.System_IDisposable);

    private static bool HasMember(ITypeSymbol type, string name) => !type.GetMembers(name).IsEmpty;
}
