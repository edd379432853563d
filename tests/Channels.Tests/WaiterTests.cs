using System.Diagnostics;
using System.Runtime.CompilerServices;
using TypedShm.Memory;
using TypedShm.Transport;
using TypedShm.Waiting;
using Xunit;

namespace TypedShm.Channels.Tests;

public class WaiterTests
{
    // Which of the two is first changes from round to round; that neither notices the other must not happen in any.
    [Fact]
    public async Task Who_interrupts_while_a_task_goes_to_rest_is_noticed()
    {
        const int Rounds = 300_000;
        TaskWaiter waiter = new();
        int turn = 0;
        int word = 0;
        int done = 0;
        Task interrupts = Task.Factory.StartNew(
            () =>
            {
                for (int round = 1; round <= Rounds; round++)
                {
                    Await(ref turn, round);
                    Thread.SpinWait(round % 8);
                    Volatile.Write(ref word, round);
                    waiter.Interrupt();
                    Volatile.Write(ref done, round);
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        for (int round = 1; round <= Rounds; round++)
        {
            Volatile.Write(ref turn, round);
            Thread.SpinWait(round / 8 % 8);
            waiter.Arm();
            bool isRung = Volatile.Read(ref word) == round;
            ValueTask rest = isRung ? waiter.Disarm() : waiter.Sleep(Timeout.Infinite);
            Await(ref done, round);
            Assert.True(rest.IsCompleted, $"Round {round} was slept through.");
            await rest;
        }

        await interrupts;

        static void Await(ref int what, int round)
        {
            SpinWait wait = default;
            while (Volatile.Read(ref what) != round)
                wait.SpinOnce(sleep1Threshold: -1);
        }
    }

    // The interrupt would wait for the thread to leave its sleep, and the thread is busy with the interrupt.
    [Fact]
    public void Who_finds_its_own_connection_hung_up_is_awake()
    {
        using ControlWords own = ControlWords.Create("test");
        using ControlWords peer = ControlWords.Create("test");
        DeadLink link = new(own, peer);
        ThreadWaiter waiter = ThreadWaiter.OfThisThread;
        WaitSource source = new();
        source.Change(removed: null, added: new Parking(link));
        source.AddWaiter(waiter);
        Handler handler = new(() =>
        {
            Assert.Equal(0, AsleepOn(waiter));
            source.Interrupt();
        });
        link.Start(handler);
        waiter.Register(source.Alone);
        Never never = default;
        long nextLook = 1;
        Assert.Equal(PollResult.Pending, waiter.ParkAndSleep(ref never, ref nextLook, Deadline.Never, CancellationToken.None));
        waiter.Unregister();
        source.RemoveWaiter(waiter);
        Assert.True(handler.HasEnded);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_asleepOn")]
        static extern ref nint AsleepOn(ThreadWaiter waiter);
    }

    // A poll that ends its own connection, as the removal of a lane whose writer broke the protocol does, interrupts all waiters of the
    // source.
    [Fact]
    public void A_waiter_that_interrupts_itself_in_its_poll_does_not_wait_for_itself_to_wake_up()
    {
        const int Rounds = 20;
        using ControlWords own = ControlWords.Create("test");
        using ControlWords peer = ControlWords.Create("test");
        WaitSource source = new();
        source.Change(removed: null, added: new Parking(new DeadLink(own, peer)));
        ThreadWaiter waiter = ThreadWaiter.OfThisThread;
        source.AddWaiter(waiter);
        Stopwatch time = Stopwatch.StartNew();
        for (int i = 0; i < Rounds; i++)
        {
            waiter.Register(source.Alone);
            Interrupting condition = new(source);
            long nextLook = 0;
            Assert.Equal(PollResult.Pending, waiter.ParkAndSleep(ref condition, ref nextLook, Deadline.Never, CancellationToken.None));
        }

        // It neither sleeps a slice nor repeats its interrupt for two, in any round: together that is 40 slices, or 20.
        Assert.True(time.ElapsedMilliseconds < Rounds * ThreadWaiter.SliceMilliseconds, $"{Rounds} polls took {time.Elapsed}.");
        waiter.Unregister();
        source.RemoveWaiter(waiter);
    }

    internal sealed class Handler(Action ended) : ILinkHandler
    {
        public bool HasEnded { get; private set; }

        public void Received(Link link, LinkMessage message, ulong argument)
        {
        }

        public void Ended(Link link)
        {
            ended();
            HasEnded = true;
        }
    }

    internal sealed class DeadLink(ControlWords own, ControlWords peer, WaitAbilities ofPeer = WaitAbilities.None)
        : Link(own, peer, PeerIdentity.OfThisProcess(), PeerRole.Reader, new LinkAbilities(WaitAbilities.None, ofPeer))
    {
        public override bool HasHungUp => true;

        public override bool Send(LinkMessage message, ulong argument = 0) => false;

        protected override void Listen()
        {
        }

        protected override void HangUp()
        {
        }
    }

    private readonly struct Interrupting(WaitSource source) : ICondition
    {
        public PollResult Poll()
        {
            source.Interrupt();
            return PollResult.Pending;
        }

        public bool MayBeReady() => false;
    }

    private readonly struct Never : ICondition
    {
        public PollResult Poll() => PollResult.Pending;

        public bool MayBeReady() => false;
    }
}
