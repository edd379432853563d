using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;

namespace TypedShm.Contracts;

/// <summary>
/// A public method or property of an end, to be called without knowing what it takes: numbers are 1 (indexes and lengths 0), times long,
/// spans empty, structs zeros, handlers do nothing. So that a rule for every
/// member holds for those too that are added later.
/// </summary>
internal sealed class Member
{
    private delegate object? Caller(object end, object?[] values);

    private static readonly MethodInfo s_first = typeof(Member).GetMethod(nameof(First), BindingFlags.Static | BindingFlags.NonPublic)!;

    private static readonly ConcurrentDictionary<Type, Member[]> s_members = new();

    private readonly MethodInfo _method;
    private readonly Caller _call;

    private Member(MethodInfo method)
    {
        _method = method;
        _call = Compile(method);
    }

    /// <summary>Its name and the types of its parameters.</summary>
    public string Name =>
        $"{_method.DeclaringType!.Name}.{_method.Name}({string.Join(", ", ParametersOf(_method).Select(type => type.Name))})";

    /// <summary>Whether it is the getter of a property, not of an indexer.</summary>
    public bool IsProperty => _method.IsSpecialName && _method.GetParameters().Length == 0;

    /// <summary>Whether it can be cancelled.</summary>
    public bool TakesToken => _method.GetParameters().Any(parameter => parameter.ParameterType == typeof(CancellationToken));

    /// <summary>Every public member but Dispose, what accompanies events, and what object has.</summary>
    public static IReadOnlyList<Member> Of(Type type) => s_members.GetOrAdd(type, static type => [.. Find(type)]);

    /// <summary>Calls it, and waits for what it returns if that is a task or a sequence.</summary>
    /// <returns>What it returned or what its task did; null if that cannot leave the stack.</returns>
    public async Task<object?> Call(object end, CancellationToken cancellationToken = default)
    {
        object? result = _call(end, [.. _method.GetParameters().Select(parameter => ValueOf(parameter, cancellationToken))]);
        if (result is null)
            return null;
        Type type = _method.ReturnType;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueTask<>))
            result = type.GetMethod(nameof(ValueTask<int>.AsTask))!.Invoke(result, null);
        else if (result is ValueTask task)
            result = task.AsTask();
        else if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>))
            result = s_first.MakeGenericMethod(type.GetGenericArguments()).Invoke(null, [result]);

        // A property that is a task is not waited for: it says when something ends.
        if (result is not Task running || IsProperty)
            return result;
        await Until.Soon(running).ConfigureAwait(false);
        return running.GetType().GetProperty("Result")?.GetValue(running);
    }

    private static IEnumerable<Member> Find(Type type) => type.GetMethods(BindingFlags.Public | BindingFlags.Instance)
        .Where(method => method.DeclaringType != typeof(object) && !method.IsGenericMethodDefinition)
        .Where(method => method.GetBaseDefinition().DeclaringType != typeof(object))
        .Where(method => method.Name is not (nameof(IDisposable.Dispose) or nameof(IAsyncDisposable.DisposeAsync)))
        .Where(method => !method.IsSpecialName || method.Name.StartsWith("get_", StringComparison.Ordinal))
        .Select(method => new Member(method));

    private static Type[] ParametersOf(MethodInfo method) => [.. method.GetParameters().Select(parameter => parameter.ParameterType)];

    private static async Task<bool> First<T>(IAsyncEnumerable<T> sequence)
    {
        await using IAsyncEnumerator<T> enumerator = sequence.GetAsyncEnumerator();
        return await enumerator.MoveNextAsync().ConfigureAwait(false);
    }

    private static object? ValueOf(ParameterInfo parameter, CancellationToken cancellationToken)
    {
        Type type = parameter.ParameterType;
        if (type == typeof(CancellationToken))
            return cancellationToken;
        if (type == typeof(TimeSpan))
            return Until.Patience;
        if (type == typeof(int))
            return parameter.Name is "index" or "payloadLength" ? 0 : 1;
        if (type == typeof(string))
            return nameof(Note.Number);
        return typeof(MulticastDelegate).IsAssignableFrom(type) ? Nothing(type) : null;
    }

    // A handler of any shape.
    private static Delegate Nothing(Type type)
    {
        MethodInfo invoke = type.GetMethod("Invoke")!;
        DynamicMethod method = new("Nothing", invoke.ReturnType, ParametersOf(invoke), typeof(Member).Module, skipVisibility: true);
        ILGenerator code = method.GetILGenerator();
        if (invoke.ReturnType != typeof(void))
            code.Emit(OpCodes.Ldloc, code.DeclareLocal(invoke.ReturnType));
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate(type);
    }

    // By hand, since reflection passes no spans and returns no references.
    private static Caller Compile(MethodInfo target)
    {
        Type[] parameters = [typeof(object), typeof(object[])];
        DynamicMethod method = new(target.Name, typeof(object), parameters, typeof(Member).Module, skipVisibility: true);
        ILGenerator code = method.GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Castclass, target.DeclaringType!);
        List<LocalBuilder> results = [.. target.GetParameters().Select(parameter => Push(code, parameter)).OfType<LocalBuilder>()];
        code.Emit(OpCodes.Callvirt, target);
        foreach (LocalBuilder result in results.Where(result => result.LocalType.IsByRefLike))
            DisposeOf(code, result);
        Return(code, target.ReturnType);
        return method.CreateDelegate<Caller>();
    }

    /// <returns>Where it stands, if it is passed by reference.</returns>
    private static LocalBuilder? Push(ILGenerator code, ParameterInfo parameter)
    {
        Type type = parameter.ParameterType;
        if (type.IsByRef)
        {
            LocalBuilder local = code.DeclareLocal(type.GetElementType()!);
            code.Emit(OpCodes.Ldloca, local);
            return local;
        }

        if (type.IsValueType && ValueOf(parameter, default) is null)
        {
            code.Emit(OpCodes.Ldloc, code.DeclareLocal(type));
            return null;
        }

        code.Emit(OpCodes.Ldarg_1);
        code.Emit(OpCodes.Ldc_I4, parameter.Position);
        code.Emit(OpCodes.Ldelem_Ref);
        code.Emit(OpCodes.Unbox_Any, type);
        return null;
    }

    // A claim or a lease that was got is over at once.
    private static void DisposeOf(ILGenerator code, LocalBuilder local)
    {
        if (local.LocalType.GetMethod(nameof(IDisposable.Dispose), []) is not { } dispose)
            return;
        code.Emit(OpCodes.Ldloca, local);
        code.Emit(OpCodes.Call, dispose);
    }

    private static void Return(ILGenerator code, Type type)
    {
        if (type.IsByRef)
        {
            type = type.GetElementType()!;
            code.Emit(OpCodes.Ldobj, type);
        }

        if (type == typeof(void))
        {
            code.Emit(OpCodes.Ldnull);
        }
        else if (type.IsByRefLike)
        {
            LocalBuilder result = code.DeclareLocal(type);
            code.Emit(OpCodes.Stloc, result);
            DisposeOf(code, result);
            code.Emit(OpCodes.Ldnull);
        }
        else if (type.IsValueType)
        {
            code.Emit(OpCodes.Box, type);
        }

        code.Emit(OpCodes.Ret);
    }
}
