using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace TypedShm;

/// <summary>
/// A reference to an <see cref="AtomicAttribute">[Atomic]</see> field: reads acquire, writes release, and the other
/// operations are those of <see cref="Interlocked"/>, full fences included. Safe for use by any number of threads and
/// processes at once.
/// </summary>
/// <typeparam name="T">An integer, enum, floating-point number, <see cref="bool"/> or <see cref="char"/> of 1, 2, 4 or 8 bytes.</typeparam>
/// <param name="field">The field, at an address that is a multiple of its size.</param>
public readonly ref struct Atomic<T>(ref T field)
    where T : unmanaged
{
    private readonly ref T _field = ref field;

    /// <summary>Reads the value; what the writer wrote before its <see cref="Write"/> is visible afterwards (acquire).</summary>
    public T Read() => AtomicOperations.Read(ref _field);

    /// <summary>Writes the value; what was written before is visible to whoever reads it (release).</summary>
    public void Write(T value)
    {
        switch (Unsafe.SizeOf<T>())
        {
            case 1: Volatile.Write(ref Unsafe.As<T, byte>(ref _field), Unsafe.BitCast<T, byte>(value)); break;
            case 2: Volatile.Write(ref Unsafe.As<T, ushort>(ref _field), Unsafe.BitCast<T, ushort>(value)); break;
            case 4: Volatile.Write(ref Unsafe.As<T, uint>(ref _field), Unsafe.BitCast<T, uint>(value)); break;
            case 8: Volatile.Write(ref Unsafe.As<T, ulong>(ref _field), Unsafe.BitCast<T, ulong>(value)); break;
            default: AtomicOperations.ThrowSize<T>(); break;
        }
    }

    /// <summary>Writes the value and returns the one that it replaced, in one step.</summary>
    public T Exchange(T value)
    {
        switch (Unsafe.SizeOf<T>())
        {
            case 1:
                return Unsafe.BitCast<byte, T>(
                Interlocked.Exchange(ref Unsafe.As<T, byte>(ref _field), Unsafe.BitCast<T, byte>(value)));
            case 2:
                return Unsafe.BitCast<ushort, T>(
                Interlocked.Exchange(ref Unsafe.As<T, ushort>(ref _field), Unsafe.BitCast<T, ushort>(value)));
            case 4:
                return Unsafe.BitCast<uint, T>(
                Interlocked.Exchange(ref Unsafe.As<T, uint>(ref _field), Unsafe.BitCast<T, uint>(value)));
            case 8:
                return Unsafe.BitCast<ulong, T>(
                Interlocked.Exchange(ref Unsafe.As<T, ulong>(ref _field), Unsafe.BitCast<T, ulong>(value)));
            default: return AtomicOperations.ThrowSize<T>();
        }
    }

    /// <summary>Writes <paramref name="value"/> if the field holds the bits of <paramref name="comparand"/>, in one step.</summary>
    /// <returns>The value that the field held before, whether it was replaced or not.</returns>
    public T CompareExchange(T value, T comparand)
    {
        switch (Unsafe.SizeOf<T>())
        {
            case 1:
                return Unsafe.BitCast<byte, T>(Interlocked.CompareExchange(ref Unsafe.As<T, byte>(ref _field),
                Unsafe.BitCast<T, byte>(value), Unsafe.BitCast<T, byte>(comparand)));
            case 2:
                return Unsafe.BitCast<ushort, T>(Interlocked.CompareExchange(ref Unsafe.As<T, ushort>(ref _field),
                Unsafe.BitCast<T, ushort>(value), Unsafe.BitCast<T, ushort>(comparand)));
            case 4:
                return Unsafe.BitCast<uint, T>(Interlocked.CompareExchange(ref Unsafe.As<T, uint>(ref _field),
                Unsafe.BitCast<T, uint>(value), Unsafe.BitCast<T, uint>(comparand)));
            case 8:
                return Unsafe.BitCast<ulong, T>(Interlocked.CompareExchange(ref Unsafe.As<T, ulong>(ref _field),
                Unsafe.BitCast<T, ulong>(value), Unsafe.BitCast<T, ulong>(comparand)));
            default: return AtomicOperations.ThrowSize<T>();
        }
    }

    /// <summary>Replaces the bits of the field by their bitwise AND with <paramref name="value"/>.</summary>
    /// <returns>The value that the field held before, as <see cref="Interlocked.And(ref int, int)"/> does.</returns>
    public T And(T value)
    {
        switch (Unsafe.SizeOf<T>())
        {
            case 1:
                return Unsafe.BitCast<byte, T>(
                AtomicOperations.And(ref Unsafe.As<T, byte>(ref _field), Unsafe.BitCast<T, byte>(value)));
            case 2:
                return Unsafe.BitCast<ushort, T>(
                AtomicOperations.And(ref Unsafe.As<T, ushort>(ref _field), Unsafe.BitCast<T, ushort>(value)));
            case 4: return Unsafe.BitCast<uint, T>(Interlocked.And(ref Unsafe.As<T, uint>(ref _field), Unsafe.BitCast<T, uint>(value)));
            case 8: return Unsafe.BitCast<ulong, T>(Interlocked.And(ref Unsafe.As<T, ulong>(ref _field), Unsafe.BitCast<T, ulong>(value)));
            default: return AtomicOperations.ThrowSize<T>();
        }
    }

    /// <summary>Replaces the bits of the field by their bitwise OR with <paramref name="value"/>.</summary>
    /// <returns>The value that the field held before, as <see cref="Interlocked.Or(ref int, int)"/> does.</returns>
    public T Or(T value)
    {
        switch (Unsafe.SizeOf<T>())
        {
            case 1: return Unsafe.BitCast<byte, T>(AtomicOperations.Or(ref Unsafe.As<T, byte>(ref _field), Unsafe.BitCast<T, byte>(value)));
            case 2:
                return Unsafe.BitCast<ushort, T>(
                AtomicOperations.Or(ref Unsafe.As<T, ushort>(ref _field), Unsafe.BitCast<T, ushort>(value)));
            case 4: return Unsafe.BitCast<uint, T>(Interlocked.Or(ref Unsafe.As<T, uint>(ref _field), Unsafe.BitCast<T, uint>(value)));
            case 8: return Unsafe.BitCast<ulong, T>(Interlocked.Or(ref Unsafe.As<T, ulong>(ref _field), Unsafe.BitCast<T, ulong>(value)));
            default: return AtomicOperations.ThrowSize<T>();
        }
    }

    /// <summary>Returns the value as text, read once.</summary>
    public override string ToString() => Read().ToString() ?? "";

    /// <summary>The same field, to be read only.</summary>
    public static implicit operator ReadOnlyAtomic<T>(Atomic<T> atomic) => new(in atomic._field);

    internal ref T Field => ref _field;
}

/// <summary>A reference to an <see cref="AtomicAttribute">[Atomic]</see> field of a peer: reads acquire.</summary>
/// <typeparam name="T">An integer, enum, floating-point number, <see cref="bool"/> or <see cref="char"/> of 1, 2, 4 or 8 bytes.</typeparam>
/// <param name="field">The field, at an address that is a multiple of its size.</param>
public readonly ref struct ReadOnlyAtomic<T>(ref readonly T field)
    where T : unmanaged
{
    private readonly ref readonly T _field = ref field;

    /// <summary>Reads the value; what the writer wrote before its write is visible afterwards (acquire).</summary>
    public T Read() => AtomicOperations.Read(in _field);

    /// <summary>Returns the value as text, read once.</summary>
    public override string ToString() => Read().ToString() ?? "";
}

/// <summary>Arithmetic on <see cref="Atomic{T}"/> fields of integer type.</summary>
public static class AtomicArithmetic
{
    /// <summary>Adds <paramref name="value"/> in one step; overflow wraps around.</summary>
    /// <returns>The new value, as <see cref="Interlocked.Add(ref int, int)"/> does.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add<T>(this Atomic<T> atomic, T value)
        where T : unmanaged, IBinaryInteger<T> => Unsafe.SizeOf<T>() switch
        {
            4 => Unsafe.BitCast<uint, T>(Interlocked.Add(ref Unsafe.As<T, uint>(ref atomic.Field), Unsafe.BitCast<T, uint>(value))),
            8 => Unsafe.BitCast<ulong, T>(Interlocked.Add(ref Unsafe.As<T, ulong>(ref atomic.Field), Unsafe.BitCast<T, ulong>(value))),
            _ => AddByExchange(atomic, value),
        };

    /// <summary>Adds one in one step; overflow wraps around.</summary>
    /// <returns>The new value.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Increment<T>(this Atomic<T> atomic)
        where T : unmanaged, IBinaryInteger<T> => atomic.Add(T.One);

    /// <summary>Subtracts one in one step; overflow wraps around.</summary>
    /// <returns>The new value.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Decrement<T>(this Atomic<T> atomic)
        where T : unmanaged, IBinaryInteger<T> => atomic.Add(unchecked(T.Zero - T.One));

    // Interlocked.Add takes 4 and 8 bytes only.
    private static T AddByExchange<T>(Atomic<T> atomic, T value)
        where T : unmanaged, IBinaryInteger<T>
    {
        T seen = atomic.Read();
        while (true)
        {
            T sum = unchecked(seen + value);
            T found = atomic.CompareExchange(sum, seen);
            if (found == seen)
                return sum;
            seen = found;
        }
    }
}

internal static class AtomicOperations
{
    public static T Read<T>(ref readonly T field)
        where T : unmanaged
    {
        ref T location = ref Unsafe.AsRef(in field);
        switch (Unsafe.SizeOf<T>())
        {
            case 1: return Unsafe.BitCast<byte, T>(Volatile.Read(ref Unsafe.As<T, byte>(ref location)));
            case 2: return Unsafe.BitCast<ushort, T>(Volatile.Read(ref Unsafe.As<T, ushort>(ref location)));
            case 4: return Unsafe.BitCast<uint, T>(Volatile.Read(ref Unsafe.As<T, uint>(ref location)));
            case 8: return Unsafe.BitCast<ulong, T>(Volatile.Read(ref Unsafe.As<T, ulong>(ref location)));
            default: return ThrowSize<T>();
        }
    }

    // Interlocked.And and Or take 4 and 8 bytes only; CompareExchange takes 1 and 2 as well.
    public static T And<T>(ref T location, T value)
        where T : unmanaged, IBinaryInteger<T>
    {
        T seen = location;
        while (true)
        {
            T found = Interlocked.CompareExchange(ref location, seen & value, seen);
            if (found == seen)
                return seen;
            seen = found;
        }
    }

    public static T Or<T>(ref T location, T value)
        where T : unmanaged, IBinaryInteger<T>
    {
        T seen = location;
        while (true)
        {
            T found = Interlocked.CompareExchange(ref location, seen | value, seen);
            if (found == seen)
                return seen;
            seen = found;
        }
    }

    [DoesNotReturn]
    public static T ThrowSize<T>() where T : unmanaged =>
        throw new NotSupportedException($"An atomic field has 1, 2, 4 or 8 bytes, but {typeof(T)} has {Unsafe.SizeOf<T>()}.");
}
