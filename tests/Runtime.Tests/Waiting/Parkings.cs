namespace TypedShm.Tests.Waiting;

/// <summary>Parking and doorbell, without a channel around them.</summary>
public sealed unsafe class Parkings(ITestOutputHelper output) : SharingTest(output)
{
    private const WaitAbilities Fenced = WaitAbilities.Parks;
    private const WaitAbilities Barriers = WaitAbilities.Parks | WaitAbilities.Registered | WaitAbilities.IssuesBarriers;

    [Fact]
    public void The_bell_rings_once_for_each_parking()
    {
        (PairLink publisher, PairLink parker) = Links(Fenced);
        using (publisher)
        using (parker)
        {
            Publisher publishing = Publisher.To(publisher);
            ulong data = 0;
            uint bell = *publisher.Own.Doorbell;
            publishing.Publish(ref data, 1);
            Assert.Equal(bell, *publisher.Own.Doorbell); // nobody is parked

            *parker.Own.Parked = ParkedWord.Next(*parker.Own.Parked, onFutex: true, onSocket: false);
            publishing.Publish(ref data, 2);
            publishing.Publish(ref data, 3);
            Assert.Equal(bell + 1, *publisher.Own.Doorbell);

            *parker.Own.Parked = ParkedWord.Next(*parker.Own.Parked, onFutex: false, onSocket: true);
            publishing.Publish(ref data, 4);
            publishing.Publish(ref data, 5);
            Assert.Equal(bell + 2, *publisher.Own.Doorbell);

            *parker.Own.Parked = ParkedWord.Next(*parker.Own.Parked, onFutex: false, onSocket: false);
            publishing.Publish(ref data, 6);
            Assert.Equal(bell + 2, *publisher.Own.Doorbell);
            Assert.Equal(6u, data);
        }
    }

    [Fact]
    public void The_bell_is_never_zero()
    {
        (PairLink publisher, PairLink parker) = Links(Fenced);
        using (publisher)
        using (parker)
        {
            *publisher.Own.Doorbell = uint.MaxValue;
            *parker.Own.Parked = ParkedWord.Next(*parker.Own.Parked, onFutex: true, onSocket: false);
            ulong data = 0;
            Publisher.To(publisher).Publish(ref data, 1);
            Assert.Equal(1u, *publisher.Own.Doorbell);
        }
    }

    [Fact]
    public void Every_parking_is_a_word_of_its_own()
    {
        HashSet<uint> seen = [];
        uint word = uint.MaxValue - 40; // over the edge
        for (int i = 0; i < 1_000; i++)
        {
            word = ParkedWord.Next(word, onFutex: i % 3 != 0, onSocket: i % 3 != 1);
            Assert.True(ParkedWord.IsParked(word));
            Assert.Equal((i % 3 != 0, i % 3 != 1), (ParkedWord.SleepsOnFutex(word), ParkedWord.SleepsOnSocket(word)));
            Assert.True(seen.Add(word));
        }

        Assert.False(ParkedWord.IsParked(ParkedWord.Next(word, onFutex: false, onSocket: false)));
    }

    /// <summary>
    /// The heart of waiting: whoever has parked and then found nothing is woken by what is published next. The slices in
    /// which the library sleeps would hide a wake that was lost, so the sleeper here has none.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_sleeper_without_slices_is_always_woken(bool barriers)
    {
        const ulong Rounds = 60_000;
        if (barriers && !Registered())
            return; // A kernel that does not offer it: every direction is fenced, as in the other case.
        (PairLink publisher, PairLink parker) = Links(barriers ? Barriers : Fenced);
        using (publisher)
        using (parker)
        {
            Assert.Equal(barriers, !publisher.PublishesFenced);
            WaitSource source = new();
            source.Change(null, new Parking(parker));
            Shared shared = new();
            Thread sleeping = new(() =>
            {
                Sleeper sleeper = new();
                for (ulong i = 1; i <= Rounds && shared.Lost == 0; i++)
                {
                    Condition condition = new(shared, i);
                    do
                    {
                        sleeper.Register(source.Alone);
                        if (sleeper.Park(ref condition) == PollResult.Ready)
                            break;
                        shared.Sleeps++;
                        if (!sleeper.Sleep())
                            shared.Lost = i;
                    }
                    while (shared.Lost == 0);
                    sleeper.Unregister();
                    Volatile.Write(ref shared.Done, i);
                }
            });
            sleeping.Start();

            Publisher publishing = Publisher.To(publisher);
            Random random = new(7);
            for (ulong i = 1; i <= Rounds && Volatile.Read(ref shared.Lost) == 0; i++)
            {
                // Around the moment at which the other parks: from at once to after it sleeps.
                Thread.SpinWait(random.Next(100));
                publishing.Publish(ref shared.Data, i);
                for (int spins = 0; Volatile.Read(ref shared.Done) != i && Volatile.Read(ref shared.Lost) == 0; spins++)
                {
                    // Quick to go on, but not at the cost of the other's processor.
                    if (spins % 1_000 == 999)
                        Thread.Yield();
                }
            }

            sleeping.Join();
            Output.WriteLine($"{shared.Sleeps} sleeps in {Rounds} rounds");
            Assert.Equal(0u, shared.Lost);
            Assert.NotEqual(0, shared.Sleeps);
        }
    }

    private static bool Registered() => Membarrier.OfThisProcess.GetAwaiter().GetResult() is { IsRegistered: true, CanIssue: true };

    private static (PairLink Publisher, PairLink Parker) Links(WaitAbilities abilities) =>
        PairLink.Create("parking", PeerRole.Reader, abilities, abilities);

    private sealed class Shared
    {
        public ulong Data;
        public ulong Done;
        public ulong Lost;
        public int Sleeps;
    }

    private readonly struct Condition(Shared shared, ulong number) : ICondition
    {
        public PollResult Poll() => Volatile.Read(ref shared.Data) >= number ? PollResult.Ready : PollResult.Pending;

        public bool MayBeReady() => Volatile.Read(ref shared.Data) >= number;
    }

    private sealed class Sleeper : Waiter
    {
        private static readonly long s_patience = (long)TimeSpan.FromSeconds(20).TotalNanoseconds;

        public override uint Interrupt() => Interlocked.Increment(ref *Interrupts);

        /// <summary>Sleeps until the bell rings.</summary>
        /// <returns>False if it never does.</returns>
        public bool Sleep()
        {
            uint* bell = Bell(0, out uint value);
            long deadline = Native.MonotonicNanoseconds + s_patience;
            while (Volatile.Read(ref *bell) == value && Native.MonotonicNanoseconds < deadline)
                Native.FutexWait(bell, value, deadline);
            return Volatile.Read(ref *bell) != value;
        }

        protected override bool SleepsOnSocket(int links) => false;
    }
}
