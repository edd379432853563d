using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace TypedShm.Generator.Tests;

/// <summary>Every size and alignment that the generator takes from a table, against the running runtime.</summary>
public sealed class KnownTypeTests
{
    public static TheoryData<string> Structs => [.. KnownTypes.Structs.Keys];

    [Theory]
    [MemberData(nameof(Structs))]
    public void A_row_of_the_table_is_what_the_runtime_does(string name)
    {
        Type type = Type.GetType(name)
            ?? AppDomain.CurrentDomain.GetAssemblies().Select(assembly => assembly.GetType(name)).First(static found => found is not null)!;
        if (type.IsGenericTypeDefinition)
            type = type.MakeGenericType(typeof(long));
        KnownType row = KnownTypes.Structs[name];
        Assert.Equal((row.Size, row.Alignment), Measure(type));
    }

    [Theory]
    [InlineData(SpecialType.System_Boolean, typeof(bool))]
    [InlineData(SpecialType.System_SByte, typeof(sbyte))]
    [InlineData(SpecialType.System_Byte, typeof(byte))]
    [InlineData(SpecialType.System_Int16, typeof(short))]
    [InlineData(SpecialType.System_UInt16, typeof(ushort))]
    [InlineData(SpecialType.System_Int32, typeof(int))]
    [InlineData(SpecialType.System_UInt32, typeof(uint))]
    [InlineData(SpecialType.System_Int64, typeof(long))]
    [InlineData(SpecialType.System_UInt64, typeof(ulong))]
    [InlineData(SpecialType.System_Single, typeof(float))]
    [InlineData(SpecialType.System_Double, typeof(double))]
    [InlineData(SpecialType.System_Char, typeof(char))]
    [InlineData(SpecialType.System_Decimal, typeof(decimal))]
    public void A_primitive_is_what_the_runtime_does(SpecialType special, Type type)
    {
        KnownType? known = KnownTypes.Find(new TestProject("").Compile().GetSpecialType(special));
        Assert.NotNull(known);
        Assert.Equal((known.Value.Size, known.Value.Alignment), Measure(type));
    }

    private static (int Size, int Alignment) Measure(Type type) => ((int, int))typeof(KnownTypeTests)
        .GetMethod(nameof(MeasureGeneric), BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type).Invoke(null, null)!;

    private static (int Size, int Alignment) MeasureGeneric<T>()
        where T : unmanaged
    {
        Aligned<T> both = new() { First = 1 };
        return (Unsafe.SizeOf<T>(), (int)Unsafe.ByteOffset(ref both.First, ref Unsafe.As<T, byte>(ref both.Second)));
    }

    private struct Aligned<T>
    {
        public byte First;
        public T Second;
    }
}
