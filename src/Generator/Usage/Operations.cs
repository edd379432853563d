using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace TypedShm.Generator;

/// <summary>Small questions to operations.</summary>
internal static class Operations
{
    /// <summary>The operation without conversions and parentheses around it.</summary>
    public static IOperation Bare(IOperation operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation { OperatorMethod: null } conversion:
                    operation = conversion.Operand;
                    break;
                case IParenthesizedOperation parenthesized:
                    operation = parenthesized.Operand;
                    break;
                default:
                    return operation;
            }
        }
    }

    /// <summary>The operation with the conversions and parentheses around it.</summary>
    public static IOperation WithConversions(IOperation operation)
    {
        while (operation.Parent is IConversionOperation { OperatorMethod: null } or IParenthesizedOperation)
            operation = operation.Parent;
        return operation;
    }

    /// <summary>The local or parameter that the operation is, or null.</summary>
    public static ISymbol? Variable(IOperation? operation) => operation is null
        ? null
        : Bare(operation) switch
        {
            ILocalReferenceOperation reference => reference.Local,
            IParameterReferenceOperation reference => reference.Parameter,
            _ => null,
        };

    public static bool IsDispose(IMethodSymbol method) => method is { Name: "Dispose" or "DisposeAsync", Parameters.IsEmpty: true };

    /// <summary>
    /// Whether the operation is a place whose value lies elsewhere: by-reference members, ref locals and parameters, and fields of these.
    /// </summary>
    public static bool IsReference(IOperation operation) => Bare(operation) switch
    {
        IPropertyReferenceOperation { Property: var property } => property.ReturnsByRef || property.ReturnsByRefReadonly,
        IInvocationOperation { TargetMethod: var method } => method.ReturnsByRef || method.ReturnsByRefReadonly,
        ILocalReferenceOperation { Local: var local } => local.IsRef,
        IParameterReferenceOperation { Parameter: var parameter } =>
            parameter.RefKind is RefKind.Ref or RefKind.In or RefKind.RefReadOnlyParameter,
        IFieldReferenceOperation { Instance: { } instance } => IsReference(instance),
        IInlineArrayAccessOperation { Instance: var instance } => IsReference(instance),
        _ => false,
    };

    /// <summary>Which way a block always goes, if its condition is a constant.</summary>
    public static bool? Constant(BasicBlock block) =>
        block.BranchValue?.ConstantValue is { HasValue: true, Value: bool value } ? value : null;

    /// <summary>Whether <c>Volatile.Read</c> takes a value of the type.</summary>
    public static bool HasVolatileRead(ITypeSymbol type) => type.TypeKind != TypeKind.Enum && (type.IsReferenceType
        || type.SpecialType is (>= SpecialType.System_SByte and <= SpecialType.System_UInt64) or SpecialType.System_Boolean
            or SpecialType.System_Single or SpecialType.System_Double
            or SpecialType.System_IntPtr or SpecialType.System_UIntPtr);

    /// <summary>Whether a place may only be read.</summary>
    public static bool IsReadOnlyReference(IOperation place) => Bare(place) switch
    {
        IPropertyReferenceOperation { Property: var property } => property.ReturnsByRefReadonly,
        IInvocationOperation { TargetMethod: var method } => method.ReturnsByRefReadonly,
        ILocalReferenceOperation { Local: var local } => local.RefKind != RefKind.Ref,
        IParameterReferenceOperation { Parameter: var parameter } => parameter.RefKind != RefKind.Ref,
        IFieldReferenceOperation { Field.IsReadOnly: true } => true,
        IFieldReferenceOperation { Instance: { } instance } => IsReadOnlyReference(instance),
        IInlineArrayAccessOperation { Instance: var instance } => IsReadOnlyReference(instance),
        _ => false,
    };
}
