using System.Reflection;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TypedShm.Generator.Tests;

/// <summary>What runs again after an edit: as little as possible, since it happens at every keystroke.</summary>
public sealed class IncrementalityTests
{
    private const string Outer = """
        using TypedShm;

        [SharedLayout]
        public partial struct Outer
        {
            public int Number;
            public Inner Nested;
        }
        """;

    private const string Inner = """
        using TypedShm;

        [SharedLayout]
        public partial struct Inner
        {
            public int First;
            public long Second;
        }
        """;

    private const string Unrelated = "internal static class Unrelated { }";

    private static readonly RunReasons s_nothing = new("Unchanged Unchanged", "Cached Cached", "Cached Cached");

    public static TheoryData<string, string, string> HarmlessEdits => new()
    {
        { "an unrelated file", Unrelated, "internal static class Unrelated { public static int Typed; }" },
        { "a comment above", Inner, "// Hello.\n" + Inner },
        { "a method in the struct", Inner,
            Inner.Replace("public int First;", "public int First; public readonly int Twice() => 2 * First;", StringComparison.Ordinal) },
        { "a static field", Inner,
            Inner.Replace("public int First;", "public int First; public static string Name;", StringComparison.Ordinal) },
        { "a doc comment of a field", Inner,
            Inner.Replace("public int First;", "/// <summary>First.</summary>\npublic int First;", StringComparison.Ordinal) },
        { "white space", Inner, Inner.Replace("    ", "\t", StringComparison.Ordinal) },
    };

    [Theory]
    [MemberData(nameof(HarmlessEdits))]
    public void An_edit_that_changes_no_layout_emits_nothing(string what, string before, string after) =>
        Assert.True(s_nothing == Edit(before, after), $"after {what}: {Edit(before, after)}");

    [Fact]
    public void Nothing_is_done_if_nothing_was_edited()
    {
        TestProject project = Project(Outer, Inner, Unrelated);
        CSharpCompilation compilation = project.Compile();
        GeneratorRun again = GeneratorRun.Of(compilation, project.ParseOptions).Again(compilation.Clone());
        Assert.Equal(s_nothing, RunReasons.Of(again));
    }

    [Fact]
    public void A_nested_struct_that_changes_in_another_file_changes_both() =>
        Assert.Equal(new RunReasons("Modified Modified", "Modified Modified", "Modified Modified"),
            Edit(Inner, Inner.Replace("int First", "long First", StringComparison.Ordinal)));

    [Fact]
    public void A_struct_that_nobody_contains_changes_alone() =>
        Assert.Equal(new RunReasons("Modified Unchanged", "Cached Modified", "Cached Modified").Sorted(),
            Edit(Outer, Outer.Replace("Number", "Renamed", StringComparison.Ordinal)).Sorted());

    [Fact]
    public void A_new_struct_is_new_and_the_others_stay() =>
        Assert.Equal(new RunReasons("New Unchanged Unchanged", "New Cached Cached", "New Cached Cached").Sorted(),
            Edit(Unrelated, "[TypedShm.SharedLayout] public partial struct Third { public int Number; }").Sorted());

    [Fact]
    public void A_struct_that_becomes_invalid_takes_its_file_with_it()
    {
        GeneratorRun run = Run(Outer, Outer.Replace("partial ", "", StringComparison.Ordinal));
        Assert.Equal(["Inner.g.cs"], run.Files.Select(static file => file.HintName));
    }

    [Fact]
    public void Every_named_step_is_tracked()
    {
        GeneratorRun run = Run(Unrelated, Unrelated);
        string[] names = [.. typeof(TrackingNames).GetFields(BindingFlags.Static | BindingFlags.Public)
            .Select(static field => (string)field.GetRawConstantValue()!)];
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Contains(name, run.Result.TrackedSteps.Keys));

        // In the second of two equal runs no named step may find anything to do.
        IEnumerable<IncrementalStepRunReason> reasons = names.SelectMany(name => run.Result.TrackedSteps[name])
            .SelectMany(static step => step.Outputs).Select(static output => output.Reason);
        Assert.All(reasons, static reason =>
            Assert.True(reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"{reason}"));
    }

    [Fact]
    public void What_steps_keep_holds_nothing_of_the_compiler()
    {
        GeneratorRun run = Run(Unrelated, Unrelated);
        foreach (FieldInfo name in typeof(TrackingNames).GetFields(BindingFlags.Static | BindingFlags.Public))
        {
            foreach (IncrementalGeneratorRunStep step in run.Result.TrackedSteps[(string)name.GetRawConstantValue()!])
            {
                foreach ((object value, _) in step.Outputs)
                    AssertFree(value, [], name.Name);
            }
        }
    }

    /// <summary>The negative control of the walk.</summary>
    [Fact]
    public void The_walk_finds_what_must_not_be_kept() =>
        Assert.ThrowsAny<Exception>(() => AssertFree(new[] { new { Inner = (object)Project(Outer, Inner).Compile() } }, [], "control"));

    [Fact]
    public void Models_of_two_compilations_of_one_source_are_equal_and_not_the_same()
    {
        LayoutSpec one = Model(Inner);
        LayoutSpec other = Model(Inner);
        Assert.NotSame(one, other);
        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.NotEqual(one, Model(Inner.Replace("int First", "uint First", StringComparison.Ordinal)));
        Assert.NotEqual(one, Model(Inner.Replace("First", "Other", StringComparison.Ordinal)));
        Assert.NotEqual(one, Model(Inner.Replace("public int", "[Atomic] public int", StringComparison.Ordinal)));

        static LayoutSpec Model(string source) =>
            StructParser.Parse(Project(source).Compile().GetTypeByMetadataName("Inner")!, null, CancellationToken.None)!;
    }

    private static RunReasons Edit(string before, string after) => RunReasons.Of(Run(before, after));

    // The generator has run over all three files, then over the same with one of them edited.
    private static GeneratorRun Run(string before, string after)
    {
        TestProject project = Project(Outer, Inner, Unrelated);
        CSharpCompilation compilation = project.Compile();
        SyntaxTree edited = compilation.SyntaxTrees.Single(tree => tree.ToString() == before);
        GeneratorRun first = GeneratorRun.Of(compilation, project.ParseOptions);
        Assert.Equal(2, first.Files.Length);
        return first.Again(compilation.ReplaceSyntaxTree(edited, CSharpSyntaxTree.ParseText(after, project.ParseOptions, edited.FilePath)));
    }

    private static TestProject Project(params string[] sources) => new(sources);

    private static void AssertFree(object? value, HashSet<object> seen, string path)
    {
        if (value is null || value.GetType().IsPrimitive || value is string || !seen.Add(value))
            return;
        Assert.False(value is Compilation or ISymbol or SyntaxNode or SyntaxTree or Location, $"{path} holds a {value.GetType()}.");
        if (value is Array items)
        {
            foreach (object? item in items)
                AssertFree(item, seen, path + "[]");
        }

        for (Type? type = value.GetType(); type is not null; type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (!field.FieldType.IsPointer)
                    AssertFree(field.GetValue(value), seen, $"{path}.{field.Name}");
            }
        }
    }
}

file static class RunReasonsExtensions
{
    // Which of the structs comes first is the order of files, which is not the point.
    public static RunReasons Sorted(this RunReasons reasons) => new(Sort(reasons.Parse), Sort(reasons.Layout), Sort(reasons.Output));

    private static string Sort(string reasons) => string.Join(' ', reasons.Split(' ').Order(StringComparer.Ordinal));
}
