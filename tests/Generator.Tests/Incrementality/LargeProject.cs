using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace TypedShm.Generator.Tests;

/// <summary>What one more character stands in.</summary>
public enum Keystroke
{
    /// <summary>The body of a method, which declares nothing.</summary>
    InBody,

    /// <summary>The name of a field, which could be a constant that the layout of any struct depends on.</summary>
    InDeclaration,
}

/// <summary>
/// A project of 1,000 shared structs of 20 fields, each in a file of its own, and one more file, in which somebody types. The fields are
/// of every kind that views show: primitives, an enum, structs of .NET, text, an inline array, in every second struct an atomic, and in
/// every tenth another struct.
/// </summary>
internal sealed class LargeProject
{
    public const int Structs = 1_000;
    public const int Fields = 20;

    private const string Shapes = """
        namespace Acme;

        public enum Mode : byte { Off, On }

        [System.Runtime.CompilerServices.InlineArray(8)]
        public struct Samples { private double _first; }
        """;

    private static readonly string[] s_fields =
    [
        "public long", "public int", "public int", "public uint", "public ulong", "public short", "public ushort",
        "public byte", "public sbyte", "public bool", "public char", "public float", "public double",
        "public Mode", "public Vector3", "public System.Guid", "public Text32", "public Samples",
    ];

    private readonly CSharpParseOptions _options;
    private CSharpCompilation _compilation;
    private int _keystrokes;

    public LargeProject()
    {
        TestProject project = new([Unrelated("", ""), Shapes, .. Enumerable.Range(0, Structs).Select(Struct)]);
        _options = project.ParseOptions;
        _compilation = project.Compile();
    }

    /// <summary>
    /// The project after one more character in the file that has nothing to do with the structs: as in an editor a new compilation, whose
    /// symbols are bound by those who ask for them first.
    /// </summary>
    public CSharpCompilation Type(Keystroke where)
    {
        string typed = new('x', ++_keystrokes);
        SyntaxTree before = _compilation.SyntaxTrees[0];
        SyntaxTree after = CSharpSyntaxTree.ParseText(
            where == Keystroke.InBody ? Unrelated("", typed) : Unrelated(typed, ""), _options, before.FilePath);
        return _compilation = _compilation.ReplaceSyntaxTree(before, after);
    }

    private static string Unrelated(string field, string text) =>
        $"internal static class Unrelated {{ private static int _{field}; public static string Text() {{ return \"{text}\"; }} }}";

    private static string Struct(int number)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"using System.Numerics;\nusing TypedShm;\n\nnamespace "
            + $"Acme.Part{number % 7};\n\n[SharedLayout]\npublic partial struct Struct{number}\n{{\n");
        string[] last = [number % 2 == 0
            ? "[Atomic] public long"
            : "public long", number % 10 == 9
            ? $"public Acme.Part{(number - 1) % 7}.Struct{number - 1}"
            : "public decimal"];
        foreach ((int index, string declaration) in s_fields.Concat(last).Index())
            text.Append(CultureInfo.InvariantCulture, $"    /// <summary>A field.</summary>\n    {declaration} Field{index};\n");
        return text.Append("}\n").ToString();
    }
}
