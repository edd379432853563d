namespace TypedShm.Tests.Waiting;

/// <summary>Parking and doorbell, without a channel around them.</summary>
public sealed class Parkings(ITestOutputHelper output) : SharingTest(output)
{
    [Fact]
    public void The_bell_rings_once_for_each_parking()
    {
        (PairLink publisher, PairLink parker) = PairLink.Create("bell", PeerRole.Reader);
        using (publisher)
        using (parker)
        {
            Doorbell doorbell = new(publisher);
            uint bell = Bell(publisher);
            doorbell.Ring();
            Assert.Equal(bell, Bell(publisher)); // nobody is parked

            parker.Own.Parked = ParkedWord.Next(parker.Own.Parked, onFutex: true, onSocket: false);
            doorbell.Ring();
            doorbell.Ring();
            Assert.Equal(bell + 1, Bell(publisher));

            parker.Own.Parked = ParkedWord.Next(parker.Own.Parked, onFutex: false, onSocket: true);
            doorbell.Ring();
            doorbell.Ring();
            Assert.Equal(bell + 2, Bell(publisher));

            parker.Own.Parked = ParkedWord.Next(parker.Own.Parked, onFutex: false, onSocket: false);
            doorbell.Ring();
            Assert.Equal(bell + 2, Bell(publisher));
        }
    }

    [Fact]
    public unsafe void The_bell_is_never_zero()
    {
        (PairLink publisher, PairLink parker) = PairLink.Create("bell", PeerRole.Reader);
        using (publisher)
        using (parker)
        {
            *publisher.Own.Doorbell = uint.MaxValue;
            parker.Own.Parked = ParkedWord.Next(parker.Own.Parked, onFutex: true, onSocket: false);
            new Doorbell(publisher).Ring();
            Assert.Equal(1u, Bell(publisher));
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
    /// The heart of waiting: a parker that has announced itself and then found nothing is rung for by the publication
    /// that comes next. The slices of a sleep would hide a bell that does not ring, so this looks at the bell.
    /// </summary>
    [Fact]
    public async Task A_parker_that_found_nothing_is_always_rung_for()
    {
        const int Rounds = 50_000;
        (PairLink publisher, PairLink parker) = PairLink.Create("stress", PeerRole.Reader);
        using (publisher)
        using (parker)
        {
            Look look = new() { Link = parker };
            long rung = 0;
            long done = 0;
            int parkings = 0;
            Task publishing = Task.Factory.StartNew(
                () =>
                {
                    Doorbell doorbell = new(publisher);
                    Random random = new(7);
                    for (long i = 1; i <= Rounds; i++)
                    {
                        // Around the moment at which the other gives up spinning and parks.
                        Thread.SpinWait(random.Next(120));
                        Volatile.Write(ref look.Data, i);
                        Interlocked.MemoryBarrier();
                        doorbell.Ring();
                        Volatile.Write(ref rung, i);
                        SpinWait.SpinUntil(() => Volatile.Read(ref done) == i);
                    }
                },
                TaskCreationOptions.LongRunning);
            Task parking = Task.Factory.StartNew(
                () =>
                {
                    Parking place = new(parker);
                    for (long i = 1; i <= Rounds; i++)
                    {
                        look.Bell = 0;
                        Assert.Equal(WaitResult.Met, place.Wait(new Condition(look, i), Deadline.After(Peer.Patience), CancellationToken.None));
                        SpinWait.SpinUntil(() => Volatile.Read(ref rung) == i);
                        if (look.Bell != 0)
                        {
                            parkings++;
                            Assert.NotEqual(look.Bell, Bell(publisher));
                        }

                        Volatile.Write(ref done, i);
                    }
                },
                TaskCreationOptions.LongRunning);

            await Soon(await Task.WhenAny(publishing, parking));
            await Soon(Task.WhenAll(publishing, parking));
            Output.WriteLine($"{parkings} of {Rounds} waits parked");
            Assert.NotEqual(0, parkings);
        }
    }

    [Fact]
    public async Task Tasks_are_woken_without_any_slice()
    {
        const int Rounds = 5_000;
        (PairLink publisher, PairLink parker) = PairLink.Create("tasks", PeerRole.Reader);
        using (publisher)
        using (parker)
        {
            Look look = new() { Link = parker };
            Parking place = new(parker);
            parker.Start(new Awakener(place));
            long done = 0;
            Task publishing = Task.Factory.StartNew(
                () =>
                {
                    Doorbell doorbell = new(publisher);
                    Random random = new(8);
                    for (long i = 1; i <= Rounds; i++)
                    {
                        Thread.SpinWait(random.Next(300));
                        Volatile.Write(ref look.Data, i);
                        Interlocked.MemoryBarrier();
                        doorbell.Ring();
                        SpinWait.SpinUntil(() => Volatile.Read(ref done) == i);
                    }
                },
                TaskCreationOptions.LongRunning);
            for (long i = 1; i <= Rounds; i++)
            {
                Assert.Equal(WaitResult.Met, await place.WaitAsync(new Condition(look, i), Deadline.After(Peer.Patience), CancellationToken.None));
                Volatile.Write(ref done, i);
            }

            await Soon(publishing);
        }
    }

    [Fact]
    public async Task A_wait_whose_link_ends_looks_once_more()
    {
        (PairLink publisher, PairLink parker) = PairLink.Create("end", PeerRole.Reader);
        Look look = new() { Link = parker };
        Parking place = new(parker);
        parker.Start(new Awakener(place));
        Task<WaitResult> thread = Task.Run(() => place.Wait(new Condition(look, 1), Deadline.After(Peer.Patience), CancellationToken.None));
        Task<WaitResult> task = place.WaitAsync(new Condition(look, 1), Deadline.After(Peer.Patience), CancellationToken.None).AsTask();

        publisher.Dispose();

        Assert.Equal(WaitResult.Ended, await Soon(thread));
        Assert.Equal(WaitResult.Ended, await Soon(task));
        look.Data = 1;
        Assert.Equal(WaitResult.Met, place.Wait(new Condition(look, 1), Deadline.After(Peer.Patience), CancellationToken.None));
        Assert.Equal(WaitResult.Ended, place.Wait(new Condition(look, 2), Deadline.After(Peer.Patience), CancellationToken.None));
        parker.Dispose();
    }

    private static unsafe uint Bell(Link publisher) => Volatile.Read(ref *publisher.Own.Doorbell);

    private sealed class Look
    {
        public required Link Link { get; init; }

        /// <summary>The bell as it was when a parked waiter last found nothing; 0 if it never did.</summary>
        public uint Bell;

        public long Data;
    }

    private sealed class Awakener(Parking parking) : ILinkHandler
    {
        public void Received(Link link, LinkMessage message) => parking.AwakenTasks();

        public void Ended(Link link) => parking.AwakenAll();
    }

    private readonly struct Condition(Look look, long number) : ICondition
    {
        public unsafe bool IsMet
        {
            get
            {
                // The bell first: what rings before this look belongs to what was published before it.
                uint bell = Volatile.Read(ref *look.Link.Peer.Doorbell);
                if (Volatile.Read(ref look.Data) >= number)
                    return true;
                if (ParkedWord.IsParked(Volatile.Read(ref look.Link.Own.Parked)))
                    look.Bell = bell;
                return false;
            }
        }
    }
}
