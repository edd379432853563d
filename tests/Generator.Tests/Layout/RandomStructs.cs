using System.Globalization;
using System.Text;
using CsCheck;

namespace TypedShm.Generator.Tests;

/// <summary>What CsCheck chooses for one field; what the numbers mean depends on what was declared before.</summary>
internal sealed record FieldChoice(int Kind, int Pick, int Length, int Gap);

/// <summary>What CsCheck chooses for one struct.</summary>
internal sealed record StructChoice(FieldChoice[] Fields, int Layout, int Pack, int ExtraSize);

/// <summary>One random struct: its name, the names of its fields, and what it is an example of.</summary>
internal sealed record RandomStruct(
    string Name, string[] Fields, int Depth, bool IsPacked, bool IsExplicit, bool HasArray, bool HasFixedBuffer, bool HasInt128)
{
    /// <summary>More than its size can be, so that explicit offsets do not overlap.</summary>
    public required int Bound { get; init; }

    public required string Declaration { get; init; }
}

/// <summary>
/// Source of random structs of every shape that can be shared, each of which may contain those before it, with a method for each
/// that measures where the running runtime has put its fields.
/// </summary>
internal sealed class RandomStructs
{
    private const int MaxDepth = 4;
    private const int MaxBound = 1 << 16;

    private static readonly string[] s_primitives =
        ["bool", "sbyte", "byte", "short", "ushort", "int", "uint", "long", "ulong", "float", "double", "char"];
    private static readonly int[] s_packs = [1, 2, 4, 8, 16];
    private static readonly string[] s_structs =
    [
        "decimal", "global::System.Half", "global::System.Guid", "global::System.TimeSpan", "global::System.DateOnly",
            "global::System.TimeOnly", "global::System.Index",
        "global::System.Range", "global::System.Text.Rune", "global::System.Numerics.Complex", "global::System.Numerics.Vector2",
            "global::System.Numerics.Vector3",
        "global::System.Numerics.Vector4", "global::System.Numerics.Quaternion", "global::System.Numerics.Plane",
            "global::System.Numerics.Matrix3x2",
        "global::System.Numerics.Matrix4x4", "global::System.Runtime.Intrinsics.Vector64<int>",
            "global::System.Runtime.Intrinsics.Vector128<byte>",
        "global::TypedShm.Text16", "global::TypedShm.Text32", "global::TypedShm.Text64",
    ];

    private readonly StringBuilder _source = new();
    private readonly List<RandomStruct> _structs = [];

    private RandomStructs(StructChoice[] choices)
    {
        _source.Append("using System.Runtime.CompilerServices;\nusing System.Runtime.InteropServices;\nusing TypedShm;\n");
        foreach (string type in s_primitives.Where(static type => type is not ("bool" or "float" or "double" or "char")))
            _source.Append(CultureInfo.InvariantCulture, $"public enum Of{type} : {type} {{ None }}\n");
        foreach (StructChoice choice in choices)
            Declare(choice);
    }

    /// <summary>Dozens of structs at a time, since compiling costs more than they do.</summary>
    public static Gen<RandomStructs> Gen { get; } =
        CsCheck.Gen.Select(
            CsCheck.Gen.Select(CsCheck.Gen.Int[0, 99], CsCheck.Gen.Int[0, 999], CsCheck.Gen.Int[1, 3], CsCheck.Gen.Int[0, 9],
                static (kind, pick, length, gap) => new FieldChoice(kind, pick, length, gap)).Array[1, 6],
            CsCheck.Gen.Int[0, 99], CsCheck.Gen.Int[0, 4], CsCheck.Gen.Int[0, 40],
            static (fields, layout, pack, extra) => new StructChoice(fields, layout, pack, extra))
        .Array[40, 60].Select(static choices => new RandomStructs(choices));

    public string Source => _source.ToString();

    public IReadOnlyList<RandomStruct> Structs => _structs;

    private void Declare(StructChoice choice)
    {
        string name = $"S{_structs.Count}";
        bool isExplicit = choice.Layout < 20;
        bool isPacked = choice.Layout % 3 == 0;
        bool isLarger = choice.Layout % 4 == 1;
        StringBuilder declarations = new();
        StringBuilder before = new();
        StringBuilder offsets = new();
        List<string> fields = [];
        int depth = 1;
        int end = 0;
        bool hasArray = false, hasBuffer = false, hasInt128 = false;
        foreach (FieldChoice field in choice.Fields)
        {
            string fieldName = $"F{fields.Count}";
            (string type, int bound, RandomStruct? nested) = Element(field);
            string text = $"public {type} {fieldName};";
            string place = $"s[0].{fieldName}";
            if (field.Kind >= 85 && s_primitives.Contains(type))
            {
                text = $"public fixed {type} {fieldName}[{field.Length}];";
                place += "[0]";
                bound *= field.Length;
                hasBuffer = true;
            }
            else if (field.Kind % 5 == 0)
            {
                string array = $"{name}A{fields.Count}";
                string pack = field.Gap < 3 ? $"[StructLayout(LayoutKind.Sequential, Pack = {s_packs[field.Gap]})] " : "";
                before.Append(CultureInfo.InvariantCulture,
                    $"{pack}[InlineArray({field.Length})] public struct {array} {{ private {type} _first; }}\n");
                text = $"public {array} {fieldName};";
                type = array;
                bound *= field.Length;
                hasArray = true;
            }

            depth = Math.Max(depth, 1 + (nested?.Depth ?? 0));
            hasInt128 |= type.Contains("Int128", StringComparison.Ordinal) || (nested?.HasInt128 ?? false);
            if (isExplicit)
                declarations.Append(CultureInfo.InvariantCulture, $"[FieldOffset({end += field.Gap})] ");
            declarations.Append(text).Append(' ');
            offsets.Append(CultureInfo.InvariantCulture,
                $"{(fields.Count == 0 ? "" : ", ")}Offset(ref s[0], ref Unsafe.As<{type}, byte>(ref {place}))");
            end += isExplicit ? bound : bound + 16;
            fields.Add(fieldName);
        }

        int size = isLarger ? end + 32 + choice.ExtraSize : 0;
        List<string> layout = [];
        if (isExplicit || isPacked || isLarger)
            layout.Add($"LayoutKind.{(isExplicit ? "Explicit" : "Sequential")}");
        if (isPacked)
            layout.Add($"Pack = {s_packs[choice.Pack]}");
        if (isLarger)
            layout.Add($"Size = {size}");

        string attribute = layout.Count > 0 ? $"[StructLayout({string.Join(", ", layout)})]\n" : "";
        string declaration = $"{before}{attribute}[SharedLayout] public unsafe partial struct {name} {{ {declarations}}}\n";
        _source.Append(declaration);
        _source.Append(CultureInfo.InvariantCulture, $$"""
            public static unsafe class Measure{{name}}
            {
                private struct Aligned { public byte First; public {{name}} Second; }
                private static int Offset<T>(ref T start, ref byte field) =>
                    (int)Unsafe.ByteOffset(ref Unsafe.As<T, byte>(ref start), ref field);
                public static int[] Offsets() { {{name}}[] s = new {{name}}[1]; return [{{offsets}}]; }
                public static int Size() => Unsafe.SizeOf<{{name}}>();
                public static int Alignment()
                {
                    Aligned[] a = new Aligned[1];
                    return Offset(ref a[0], ref Unsafe.As<{{name}}, byte>(ref a[0].Second));
                }
            }

            """);
        _structs.Add(new RandomStruct(name, [.. fields], depth, isPacked, isExplicit, hasArray, hasBuffer,
            hasInt128)
        { Bound = Math.Max(end, size) + 32, Declaration = declaration });
    }

    private (string Type, int Bound, RandomStruct? Nested) Element(FieldChoice field)
    {
        RandomStruct[] nestable = [.. _structs.Where(static other => other.Depth < MaxDepth && other.Bound < MaxBound)];
        return (field.Kind / 2 % 10) switch
        {
            0 => (field.Pick % 2 == 0 ? "global::System.Int128" : "global::System.UInt128", 16, null),
            1 or 2 => (s_structs[field.Pick % s_structs.Length], 64, null),
            3 => ($"Of{s_primitives[1 + (field.Pick % 8)]}", 8, null),
            4 or 5 when nestable.Length > 0 =>
                nestable[field.Pick % nestable.Length] is var nested ? (nested.Name, nested.Bound, nested) : default,
            _ => (s_primitives[field.Pick % s_primitives.Length], 8, null),
        };
    }
}
