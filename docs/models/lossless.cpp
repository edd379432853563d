// A lossless SharedBroadcast, where the slowest reader holds the writer back: two slots.
//
// Join: a reader is let in by the host, another thread of the writer's process, while the writer goes on without a barrier of
// its own and with a limit up to which it does not look at readers at all. From the start that it is told, the reader must find every
// message, and nothing that it has not given back may change.
// Cut: the writer gives up waiting and takes a slot from a reader in the middle of using it; the reader must notice.
#include "model.hpp"

unsigned const Capacity = 2;
unsigned const NoLimit = 1000;

struct Slot
{
    Word sequence;
    Payload payload;

    Slot() : sequence(0) {}

    void write(unsigned n)
    {
        // step: lossy.odd
        plain_write(sequence, 2 * n + 1);

        // step: lossy.barrier
        if (!weak("no-barrier-after-odd"))
            write_barrier();

        // step: lossless.fill
        payload.fill(n + 1);

        // step: lossless.commit
        volatile_write(sequence, 2 * n + 2);
    }
};

inline unsigned back(unsigned tail, unsigned count) { return tail < count ? 0 : tail - count; }

struct Join : rl::test_suite<Join, 3>
{
    static unsigned const Messages = 5;

    Slot slots[Capacity];
    Word tail, head;

    // The writer process's own: whether there is a gate, where it stands until the reader moves, and up to where the writer need not look.
    Word gates, floor, limit;

    // Ready, with the start: 0 until it is sent.
    Word ready;

    Join() : tail(0), head(0), gates(0), floor(0), limit(0), ready(0) {}

    void thread(unsigned index)
    {
        if (index == 0)
            write();
        else if (index == 1)
            let_in();
        else
            read();
    }

    bool look_for_room(unsigned n)
    {
        while (true)
        {
            unsigned before = volatile_read(gates);
            unsigned until = NoLimit;
            if (before != 0)
            {
                // step: lossless.gate
                unsigned at = volatile_read(head), from = volatile_read(floor);
                until = (at > from ? at : from) + Capacity;
            }

            // step: lossless.limit
            volatile_write(limit, until);
            if (!weak("limit-not-fenced"))
                rl::atomic_thread_fence(rl::memory_order_seq_cst);
            if (!weak("no-second-look") && volatile_read(gates) != before)
                continue;
            return n < until;
        }
    }

    void write()
    {
        for (unsigned n = 0; n < Messages; n++)
        {
            while (n >= volatile_read(limit) && !look_for_room(n))
                rl::yield(1, $);
            slots[n % Capacity].write(n);

            // step: lossy.tail
            volatile_write(tail, n + 1);
        }
    }

    void let_in()
    {
        unsigned history = rl::rand(Capacity + 1);

        // step: lossless.join
        unsigned start = back(volatile_read(tail), history);
        volatile_write(floor, start);
        volatile_write(gates, 1);

        // step: lossless.unlimit
        rl::atomic_thread_fence(rl::memory_order_seq_cst);
        if (!weak("limit-kept"))
            volatile_write(limit, 0);

        // step: lossless.barrier
        if (!weak("join-no-barrier"))
            process_wide_barrier();

        // step: lossless.start
        unsigned now = volatile_read(tail);
        unsigned oldest = back(now, weak("whole-ring-of-history") ? Capacity : Capacity - 1);
        if (!weak("join-tail-not-read-again"))
            start = back(now, history) > oldest ? back(now, history) : oldest;

        // The floor follows, or the writer waits for a reader who waits for a message that is yet to be written.
        if (!weak("join-floor-left-behind"))
            volatile_write(floor, start);
        volatile_write(ready, start + 1);
    }

    void read()
    {
        unsigned start;
        while ((start = volatile_read(ready)) == 0)
            rl::yield(1, $);

        for (unsigned next = start - 1; next < Messages; next++)
        {
            Slot& slot = slots[next % Capacity];
            unsigned sequence;

            // step: lossless.look
            while ((sequence = volatile_read(slot.sequence)) < 2 * next + 2)
                rl::yield(1, $);
            RL_ASSERT(sequence == 2 * next + 2);

            // step: lossless.use
            RL_ASSERT(Copy(slot.payload).is(next + 1));
            read_barrier();
            RL_ASSERT(plain_read(slot.sequence) == sequence);

            // step: lossless.release
            volatile_write(head, next + 1);
        }
    }
};

struct Cut : rl::test_suite<Cut, 2>
{
    static unsigned const Messages = 4;

    Slot slots[Capacity];
    Word head, cut;

    Cut() : head(0), cut(0) {}

    void thread(unsigned index)
    {
        if (index == 0)
            write();
        else
            read();
    }

    void write()
    {
        bool is_cut = false;
        for (unsigned n = 0; n < Messages; n++)
        {
            while (!is_cut && n - volatile_read(head) >= Capacity)
            {
                if (rl::rand(2) == 0)
                {
                    rl::yield(1, $);
                    continue;
                }

                // step: lossless.cut
                is_cut = true;
                if (!weak("cut-after-overwrite"))
                    volatile_write(cut, 1);

                // step: lossless.cut-barrier
                if (!weak("no-barrier-after-cut"))
                    write_barrier();
            }

            slots[n % Capacity].write(n);
            if (is_cut && weak("cut-after-overwrite"))
                volatile_write(cut, 1);
        }
    }

    void read()
    {
        for (unsigned next = 0; next < Messages; next++)
        {
            Slot& slot = slots[next % Capacity];
            unsigned sequence;
            while ((sequence = volatile_read(slot.sequence)) < 2 * next + 2)
                rl::yield(1, $);

            if (sequence == 2 * next + 2)
            {
                Copy copy(slot.payload);

                // step: lossless.order
                if (!weak("no-barrier-after-use"))
                    read_barrier();

                // step: lossless.check
                if (weak("use-not-checked") || volatile_read(slot.sequence) == sequence)
                {
                    RL_ASSERT(copy.is(next + 1));
                    volatile_write(head, next + 1);
                    continue;
                }
            }

            // Overtaken: only a reader that was cut off can be, and it has to be able to tell.
            RL_ASSERT(volatile_read(cut) == 1);
            return;
        }
    }
};

int main(int count, char** arguments)
{
    static char const* const weakenings[] =
    {
        "join-no-barrier", "join-tail-not-read-again", "join-floor-left-behind", "whole-ring-of-history",
        "limit-kept", "no-second-look", "limit-not-fenced",
        "cut-after-overwrite", "no-barrier-after-cut", "no-barrier-after-odd", "no-barrier-after-use", "use-not-checked", 0,
    };
    return run(count, arguments, [] { return holds<Join>(200000) && holds<Cut>(200000); }, weakenings);
}
