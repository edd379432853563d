using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace TypedShm.Tool.Writing;

/// <summary>
/// Makes a type of a layout, so that the ends of the library, which are typed, can be had for a channel whose struct is in no assembly
/// here. It has the size of the struct and no fields; the library asks types for nothing but what <see cref="ISharedLayout{TSelf}"/> has.
/// </summary>
internal static class LayoutType
{
    private const string Reason = "The native tool, which has neither a compiler nor what it was not compiled with, says so instead.";

    private static readonly Lock s_gate = new();
    private static ModuleBuilder? s_module;
    private static int s_count;

    /// <summary>Makes an object of a generic class for layouts.</summary>
    /// <param name="generic">The class, whose parameters are structs with a layout.</param>
    /// <param name="layouts">The layouts.</param>
    /// <param name="arguments">Those of its constructor.</param>
    /// <exception cref="ToolException">This is the native tool, which cannot make types.</exception>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Reason)]
    public static object Create(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type generic, LayoutDescriptor[] layouts,
        params object[] arguments)
    {
        if (RuntimeFeature.IsDynamicCodeSupported)
            return Make(generic, layouts, arguments);
        throw new ToolException(ExitCode.Failed, "This is the command as one native file, which looks and records but cannot write: "
            + "for that it would have to make types. Use the .NET tool: `dotnet tool install TypedShm.Tool`.");
    }

    [RequiresDynamicCode(Reason)]
    [RequiresUnreferencedCode(Reason)]
    private static object Make(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type generic, LayoutDescriptor[] layouts,
        object[] arguments)
    {
        Type[] structs;
        lock (s_gate)
        {
            s_module ??= AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("TypedShm.Tool.Layouts"), AssemblyBuilderAccess.Run)
                .DefineDynamicModule("Layouts");
            structs = [.. layouts.Select(layout => Of(s_module, layout))];
        }

        return Activator.CreateInstance(
            generic.MakeGenericType(structs), BindingFlags.Instance | BindingFlags.Public | BindingFlags.DoNotWrapExceptions, null,
            arguments, null)!;
    }

    [RequiresDynamicCode(Reason)]
    [RequiresUnreferencedCode(Reason)]
    private static Type Of(ModuleBuilder module, LayoutDescriptor layout)
    {
        TypeBuilder type = module.DefineType(
            $"{layout.Name}.{++s_count}",
            TypeAttributes.Public | TypeAttributes.Sealed | TypeAttributes.SequentialLayout, typeof(ValueType), PackingSize.Size1,
            layout.Size);
        Type contract = typeof(ISharedLayout<>).MakeGenericType(type);
        type.AddInterfaceImplementation(contract);
        FieldBuilder json = type.DefineField("Json", typeof(byte[]), FieldAttributes.Public | FieldAttributes.Static);
        MethodInfo toSpan = typeof(ReadOnlySpan<byte>).GetMethod("op_Implicit", [typeof(byte[])])!;
        Implement(type, contract, "get_Size", il => il.Emit(OpCodes.Ldc_I4, layout.Size));
        Implement(type, contract, "get_Alignment", il => il.Emit(OpCodes.Ldc_I4, layout.Alignment));
        Implement(type, contract, "get_Fingerprint", il => il.Emit(OpCodes.Ldc_I8, unchecked((long)layout.Fingerprint)));
        Implement(type, contract, "Verify", il => il.Emit(OpCodes.Ldc_I4_1));
        Implement(type, contract, "get_LayoutJson", il =>
        {
            il.Emit(OpCodes.Ldsfld, json);
            il.Emit(OpCodes.Call, toSpan);
        });
        Type made = type.CreateType();
        made.GetField(json.Name)!.SetValue(null, layout.ToJson());
        return made;
    }

    private static void Implement(TypeBuilder type, Type contract, string name, Action<ILGenerator> body)
    {
        MethodInfo declared = typeof(ISharedLayout<>).GetMethod(name)!;
        Type self = typeof(ISharedLayout<>).GetGenericArguments()[0];
        ParameterInfo[] parameters = declared.GetParameters();
        MethodBuilder method = type.DefineMethod(
            name,
            MethodAttributes.Public | MethodAttributes.Static | MethodAttributes.HideBySig,
            CallingConventions.Standard,
            declared.ReturnType,
            declared.ReturnParameter.GetRequiredCustomModifiers(),
            null,
            [.. parameters.Select(one => one.ParameterType == self.MakeByRefType() ? type.MakeByRefType() : one.ParameterType)],
            [.. parameters.Select(parameter => parameter.GetRequiredCustomModifiers())],
            null);
        ILGenerator il = method.GetILGenerator();
        body(il);
        il.Emit(OpCodes.Ret);
        type.DefineMethodOverride(method, TypeBuilder.GetMethod(contract, declared));
    }
}
