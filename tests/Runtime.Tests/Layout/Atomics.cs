using System.Numerics;

namespace TypedShm.Tests.Layout;

/// <summary>Atomic fields of every size.</summary>
public sealed class Atomics
{
    [Fact]
    public void Integers_of_every_size_have_every_operation()
    {
        Check<byte>();
        Check<sbyte>();
        Check<short>();
        Check<ushort>();
        Check<int>();
        Check<uint>();
        Check<long>();
        Check<ulong>();
        Check<char>();

        static void Check<T>()
            where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
        {
            // Neighbours that must not be touched, since the narrow operations are compare-and-swaps of something wider.
            T[] fields = [T.MaxValue, default, T.MaxValue];
            Atomic<T> atomic = new(ref fields[1]);
            T five = T.CreateChecked(5);
            T three = T.CreateChecked(3);

            atomic.Write(five);
            Assert.Equal(five, atomic.Read());
            Assert.Equal(five, ((ReadOnlyAtomic<T>)atomic).Read());
            Assert.Equal(five, atomic.Exchange(three));
            Assert.Equal(three, atomic.CompareExchange(five, five));
            Assert.Equal(three, atomic.Read());
            Assert.Equal(three, atomic.CompareExchange(five, three));
            Assert.Equal(five, atomic.Read());
            Assert.Equal(five, atomic.And(T.CreateChecked(4)));
            Assert.Equal(T.CreateChecked(4), atomic.Or(three));
            Assert.Equal(T.CreateChecked(7), atomic.Read());
            Assert.Equal(T.CreateChecked(10), atomic.Add(three));
            Assert.Equal(T.CreateChecked(11), atomic.Increment());
            Assert.Equal(T.CreateChecked(10), atomic.Decrement());
            atomic.Write(T.MaxValue);
            Assert.Equal(T.MinValue, atomic.Increment());
            Assert.Equal(T.MaxValue, atomic.Decrement());
            Assert.Equal([T.MaxValue, T.MaxValue, T.MaxValue], fields);
            Assert.Equal(T.MaxValue.ToString(), atomic.ToString());
        }
    }

    [Fact]
    public void Enums_booleans_and_floating_point_numbers_are_compared_by_their_bits()
    {
        DayOfWeek day = DayOfWeek.Monday;
        Atomic<DayOfWeek> days = new(ref day);
        Assert.Equal(DayOfWeek.Monday, days.CompareExchange(DayOfWeek.Friday, DayOfWeek.Monday));
        Assert.Equal(DayOfWeek.Friday, day);

        bool flag = false;
        Atomic<bool> flags = new(ref flag);
        Assert.False(flags.Exchange(true));
        Assert.True(flags.Read());

        double number = double.NaN;
        Atomic<double> numbers = new(ref number);
        Assert.True(double.IsNaN(numbers.CompareExchange(1.5, double.NaN)));
        Assert.Equal(1.5, numbers.Read());
        numbers.Write(-0.0);
        Assert.Equal(-0.0, numbers.CompareExchange(2.5, 0.0)); // other bits than 0.0 has
        Assert.Equal(-0.0, numbers.Read());

        float single = 1;
        Assert.Equal(1, new Atomic<float>(ref single).Exchange(2));
        Assert.Equal(2, single);
    }

    [Fact]
    public void A_type_of_another_size_is_refused()
    {
        Guid guid = default;
        Assert.Throws<NotSupportedException>(() => new Atomic<Guid>(ref guid).Read());
        Assert.Throws<NotSupportedException>(() => new Atomic<Guid>(ref guid).Write(default));
        Assert.Throws<NotSupportedException>(() => new Atomic<Guid>(ref guid).Exchange(default));
        Assert.Throws<NotSupportedException>(() => new Atomic<Guid>(ref guid).CompareExchange(default, default));
    }

    [Fact]
    public async Task Additions_of_many_threads_are_all_counted()
    {
        const int Threads = 4;
        const int Rounds = 20_000;
        (SharedStructWriter<Telemetry> owner, SharedStructReader<Telemetry> reader) = SharedStruct.CreatePair<Telemetry>();
        byte[] narrow = new byte[3];
        using (owner)
        using (reader)
        {
            await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(() =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    owner.View.Faults.Add(3);
                    new Atomic<byte>(ref narrow[1]).Increment();
                }
            })));

            Assert.Equal(3 * Threads * Rounds, reader.View.Faults.Read());
            Assert.Equal([0, unchecked((byte)(Threads * Rounds)), 0], narrow);
        }
    }
}
