using Microsoft.CodeAnalysis;
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

    /// <summary>The local or parameter that the operation is, or null.</summary>
    public static ISymbol? Variable(IOperation? operation) => operation is null
        ? null
        : Bare(operation) switch
        {
            ILocalReferenceOperation reference => reference.Local,
            IParameterReferenceOperation reference => reference.Parameter,
            _ => null,
        };

    /// <summary>The local or parameter that a call to Dispose or DisposeAsync is made on, or null; awaited, conditional or plain.</summary>
    public static ISymbol? DisposedBy(IOperation? statement)
    {
        IOperation? call = statement is IExpressionStatementOperation { Operation: var expression } ? expression : statement;
        if (call is IAwaitOperation { Operation: var awaited })
            call = awaited;
        if (call is IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: { } task })
            call = task;
        return call switch
        {
            IInvocationOperation { Instance: { } instance } invocation when IsDispose(invocation.TargetMethod) => Variable(instance),
            IConditionalAccessOperation { Operation: var instance, WhenNotNull: IInvocationOperation invocation } when IsDispose(invocation.TargetMethod) => Variable(instance),
            _ => null,
        };
    }

    public static bool IsDispose(IMethodSymbol method) => method is { Name: "Dispose" or "DisposeAsync", Parameters.IsEmpty: true };

    /// <summary>Whether the operation is a place whose value lies elsewhere: by-reference members, ref locals and parameters, and fields of these.</summary>
    public static bool IsReference(IOperation operation) => Bare(operation) switch
    {
        IPropertyReferenceOperation { Property: var property } => property.ReturnsByRef || property.ReturnsByRefReadonly,
        IInvocationOperation { TargetMethod: var method } => method.ReturnsByRef || method.ReturnsByRefReadonly,
        ILocalReferenceOperation { Local: var local } => local.IsRef,
        IParameterReferenceOperation { Parameter: var parameter } => parameter.RefKind is RefKind.Ref or RefKind.In or RefKind.RefReadOnlyParameter,
        IFieldReferenceOperation { Instance: { } instance } => IsReference(instance),
        _ => false,
    };
}
