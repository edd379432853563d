using System.Diagnostics;
using System.Reflection;
using Xunit;

namespace TypedShm.Channels.Tests.Surface;

/// <summary>The rules by which the public members can be guessed. They hold for whatever is added later.</summary>
public sealed class SurfaceTests
{
    // Of which there is no asynchronous twin: what they give out cannot leave the stack. Their wait has one (WaitToReadAsync, …).
    private static readonly string[] s_inPlace = ["Lease", "LeaseBatch", "Claim", "ClaimBatch"];

    // What generated code and serializers use, and nobody looks at.
    private static readonly string[] s_plumbing = ["FieldProbe", "SharedLayoutJsonConverter`1", "TextJsonConverter`1"];

    private static readonly Type[] s_exported = typeof(SharedEnd).Assembly.GetExportedTypes();

    private static IEnumerable<Type> Ends => s_exported.Where(type => type.IsSubclassOf(typeof(SharedEnd)));

    private static IEnumerable<Type> Factories => s_exported.Where(type => type is { IsAbstract: true, IsSealed: true }
        && type.GetMethods().Any(method => method.Name == "CreatePair"));

    public static TheoryData<string> Kinds => ["Struct", "State", "Table", "Queue", "Broadcast"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_kind_has_a_writer_and_a_reader(string kind)
    {
        string[] names = [.. Ends.Select(type => type.Name)];
        Assert.Contains($"Shared{kind}Writer`1", names);
        Assert.Contains($"Shared{kind}Reader`1", names);
    }

    [Fact]
    public void Ends_are_called_after_what_they_do() => Assert.All(
        Ends,
        type => Assert.Contains(
            (string[])["Writer", "Reader", "Client", "Server"], role => type.Name.Split('`')[0].EndsWith(role, StringComparison.Ordinal)));

    [Fact]
    public void What_takes_a_time_limit_is_a_try() => Assert.All(
        Methods().Where(TakesTime),
        method => Assert.StartsWith("Try", method.Name, StringComparison.Ordinal));

    [Fact]
    public void A_try_without_a_time_limit_waits_for_nothing() => Assert.All(
        Methods().Where(method => IsTry(method) && !TakesTime(method)),
        method => Assert.DoesNotContain(method.GetParameters(), IsToken));

    [Fact]
    public void A_try_says_whether_it_was_in_time() => Assert.All(
        Methods().Where(IsTry),
        method => Assert.True(
            method.ReturnType == typeof(bool) || IsAsync(method), $"{Describe(method)} returns {method.ReturnType}."));

    [Fact]
    public void Time_limit_and_token_are_the_last_parameters_and_the_token_may_be_left_out() => Assert.All(
        Methods().Concat(Factories.SelectMany(type => type.GetMethods())).Where(method => method.GetParameters().Any(IsToken)),
        method =>
        {
            ParameterInfo[] parameters = method.GetParameters();
            Assert.True(IsToken(parameters[^1]) && parameters[^1].HasDefaultValue, Describe(method));
            if (TakesTime(method))
                Assert.True(parameters[^2].ParameterType == typeof(TimeSpan) && parameters[^2].Name == "timeout", Describe(method));
        });

    [Fact]
    public void What_blocks_has_an_asynchronous_twin_with_the_same_options() => Assert.All(
        Methods().Where(method => method.GetParameters().Any(IsToken) && !IsAsync(method) && !s_inPlace.Contains(NameWithoutTry(method))
            && !method.DeclaringType!.IsByRefLike && !IsServe(method)),
        method => Assert.True(
            method.DeclaringType!.GetMethods()
                .Any(other => other.Name == $"{method.Name}Async" && Options(other).SequenceEqual(Options(method))),
            $"{Describe(method)} has no {method.Name}Async({string.Join(", ", Options(method))})."));

    [Fact]
    public void What_has_a_time_limit_has_a_twin_without() => Assert.All(
        Methods().Where(method => TakesTime(method) && !IsServe(method)),
        method => Assert.True(
            method.DeclaringType!.GetMethods().Any(other => other.Name == method.Name["Try".Length..]),
            $"{Describe(method)} has no {method.Name["Try".Length..]}."));

    [Fact]
    public void Every_end_is_disposed_of_either_way_and_says_what_it_is() => Assert.All(
        Ends,
        type =>
        {
            Assert.True(typeof(IDisposable).IsAssignableFrom(type) && typeof(IAsyncDisposable).IsAssignableFrom(type));
            foreach (string member in (string[])["Name", "State", "Peers", "PeerJoined", "PeerLeft", "PeerRefused", "StateChanged"])
                Assert.Single(type.GetMember(member));
        });

    [Fact]
    public void Every_channel_is_created_opened_and_tried_in_the_same_ways()
    {
        Assert.Equal(6, Factories.Count());
        Assert.All(
            Factories,
            type =>
            {
                string[] names = [.. type.GetMethods(BindingFlags.Public | BindingFlags.Static).Select(method => method.Name)];
                string[] opens = [.. names.Where(name => name.StartsWith("Open", StringComparison.Ordinal)
                    && !name.EndsWith("Async", StringComparison.Ordinal))];
                Assert.NotEmpty(opens);
                Assert.All(opens, open => Assert.Contains($"{open}Async", names));
                Assert.All(opens, open => Assert.Contains($"Try{open}", names));
                Assert.Contains(names, name => name.StartsWith("Create", StringComparison.Ordinal) && name != "CreatePair");
                ParameterInfo[] pair = type.GetMethod("CreatePair")!.GetParameters();
                Assert.Equal(["options", "openOptions"], pair[^2..].Select(parameter => parameter.Name));
            });
    }

    /// <summary>What a debugger shows is never the name of a type alone. (Of an enumeration and an exception .NET sees to that.)</summary>
    [Fact]
    public void Every_public_type_shows_what_it_holds() => Assert.All(
        s_exported.Where(type => !type.IsEnum && !type.IsInterface && !(type.IsAbstract && type.IsSealed)
            && !typeof(Exception).IsAssignableFrom(type)
            && !typeof(Attribute).IsAssignableFrom(type) && !typeof(Delegate).IsAssignableFrom(type)
                && !typeof(EventArgs).IsAssignableFrom(type)
            && !type.IsNested && !s_plumbing.Contains(type.Name)),
        type => Assert.True(
            type.GetCustomAttribute<DebuggerDisplayAttribute>() is not null || ShowsItself(type),
            $"{type} has neither a ToString of its own nor a DebuggerDisplay."));

    private static bool ShowsItself(Type type) =>
        type.GetMethod(nameof(ToString), Type.EmptyTypes)!.DeclaringType is { } declaring && declaring != typeof(object)
            && declaring != typeof(ValueType);

    private static IEnumerable<MethodInfo> Methods() => s_exported
        .Where(type => !(type.IsAbstract && type.IsSealed))
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(method => !method.IsSpecialName && method.GetBaseDefinition().DeclaringType!.Assembly == typeof(SharedEnd).Assembly);

    private static bool TakesTime(MethodInfo method) =>
        method.GetParameters().Any(parameter => parameter.ParameterType == typeof(TimeSpan));

    private static bool IsToken(ParameterInfo parameter) => parameter.ParameterType == typeof(CancellationToken);

    private static bool IsTry(MethodInfo method) => method.Name.StartsWith("Try", StringComparison.Ordinal);

    private static bool IsAsync(MethodInfo method) => method.Name.EndsWith("Async", StringComparison.Ordinal);

    // Whose handlers differ: one works in place, the other on copies.
    private static bool IsServe(MethodInfo method) => NameWithoutTry(method) is "Serve" or "ServeAsync";

    private static string NameWithoutTry(MethodInfo method) => IsTry(method) ? method.Name["Try".Length..] : method.Name;

    /// <summary>What a method is given, in a form that a method and its asynchronous twin share.</summary>
    private static IEnumerable<string> Options(MethodInfo method) => method.GetParameters()
        .Where(parameter => !parameter.IsOut)
        .Select(parameter => (parameter.ParameterType.IsByRef ? parameter.ParameterType.GetElementType()! : parameter.ParameterType)
            .ToString()
            .Replace("ReadOnlySpan", "ReadOnlyMemory", StringComparison.Ordinal)
            .Replace("System.Span", "System.Memory", StringComparison.Ordinal));

    private static string Describe(MethodInfo method) => $"{method.DeclaringType!.Name}.{method.Name}("
        + $"{string.Join(", ", method.GetParameters().Select(parameter => parameter.ParameterType.Name))})";
}
