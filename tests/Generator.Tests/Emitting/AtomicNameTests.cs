namespace TypedShm.Generator.Tests;

/// <summary>
/// What <c>[Atomic]</c> means is told by the source alone where it can mean one thing only; everywhere else the compiler is asked.
/// </summary>
public class AtomicNameTests
{
    private const string Other = "public sealed class AtomicAttribute : System.Attribute { }";
    private const string Struct = "[TypedShm.SharedLayout] public partial struct Counter { [Atomic] public int Value; }";

    // Without the @ two attributes would be meant.
    private const string Exact = "[TypedShm.SharedLayout] public partial struct Counter { [@Atomic] public int Value; }";

    public static TheoryData<string, string[]> Meant => new()
    {
        { "the file's using", [$"using TypedShm; namespace Acme; {Struct}"] },
        { "a global using", ["global using TypedShm;", $"namespace Acme; {Struct}"] },
        { "a using in the namespace", [$"namespace Acme {{ using TypedShm; {Struct} }}"] },
        { "the long name", ["using TypedShm; namespace Acme; "
            + Struct.Replace("[Atomic]", "[AtomicAttribute]", StringComparison.Ordinal)] },
        { "an alias", [$"using Atomic = TypedShm.AtomicAttribute; namespace Acme; {Struct}"] },
        { "a qualified name", [$"namespace Acme; {Struct.Replace("[Atomic]", "[TypedShm.Atomic]", StringComparison.Ordinal)}"] },
        { "beside one elsewhere", [$"using TypedShm; namespace Acme {{ {Struct} }} namespace Other {{ {Other} }}"] },
        { "beside a class that is no attribute", [$"using TypedShm; namespace Acme {{ {Struct} public class Atomic {{ }} }}"] },
        { "in the library's own namespace", [$"namespace TypedShm.Users; {Struct}"] },
    };

    public static TheoryData<string, string[]> Hidden => new()
    {
        { "by the namespace", [$"using TypedShm; namespace Acme {{ {Other} {Struct} }}"] },
        { "by a namespace around it", [$"using TypedShm; namespace Acme {{ {Other} namespace Deep {{ {Struct} }} }}"] },
        { "from another file", ["namespace Acme; " + Other, $"using TypedShm; namespace Acme.Deep; {Struct}"] },
        { "by the global namespace", [Other, $"using TypedShm; namespace Acme; {Struct}"] },
        { "by its short name", ["namespace Acme; " + Other.Replace("AtomicAttribute", "Atomic", StringComparison.Ordinal),
            $"using TypedShm; namespace Acme; {Exact}"] },
        { "by an alias", [$"using TypedShm; using Atomic = Other.AtomicAttribute; namespace Acme {{ {Exact} }} "
            + $"namespace Other {{ {Other} }}"] },
        { "by an alias of another file", [$"global using Atomic = Other.AtomicAttribute; namespace Other {{ {Other} }}",
            $"using TypedShm; namespace Acme; {Exact}"] },
        { "by a using of the namespace", [$"using TypedShm; namespace Acme {{ using Other; {Struct} }} namespace Other {{ {Other} }}"] },
        { "by what is imported instead", [$"using Other; namespace Acme {{ {Struct} }} namespace Other {{ {Other} }}"] },
        { "by a nested type", [$"using TypedShm; namespace Acme {{ {Struct.Replace("}", Other + " }", StringComparison.Ordinal)} }}"] },
        { "by the base of a type around it", [$"using TypedShm; namespace Acme {{ public class Base {{ {Other} }} "
            + $"public partial class Outer : Base {{ {Struct} }} }}"] },
    };

    [Theory]
    [MemberData(nameof(Meant))]
    public void The_attribute_of_the_library(string how, string[] sources) => Assert.True(IsAtomic(sources), how);

    [Theory]
    [MemberData(nameof(Hidden))]
    public void Another_attribute_of_that_name(string how, string[] sources) => Assert.False(IsAtomic(sources), how);

    [Fact]
    public void An_attribute_of_a_referenced_assembly_in_the_namespace_of_the_struct()
    {
        TestProject other = new("namespace Acme; " + Other) { Name = "Other" };
        Assert.False(IsAtomic([$"using TypedShm; namespace Acme; {Struct}"], other));
    }

    private static bool IsAtomic(string[] sources, TestProject? reference = null)
    {
        TestProject project = new(sources) { References = reference is null ? [] : [reference.ToReference()] };
        GeneratorRun run = GeneratorRun.Of(project);
        run.Emit();
        return run.Files.Single().SourceText.ToString().Contains("Atomic<int> Value", StringComparison.Ordinal);
    }
}
