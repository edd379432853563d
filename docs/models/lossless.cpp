// A lossless SharedBroadcast, where the slowest reader holds the writer back: two slots.
//
// Join: a reader is let in by the host, a thread of the writer's process, while the writer goes on without a barrier of its
// own. From the start that it is told, it must see every message.
// Cut: the writer gives up waiting and takes a slot from a reader in the middle of using it; the reader must notice.
#include "model.hpp"

unsigned const Capacity = 2;

struct Slot
{
    Word sequence;
    Payload payload;

    Slot() : sequence(0) {}
};

struct Join : rl::test_suite<Join, 3>
{
    static unsigned const Messages = 5;

    Slot slots[Capacity];
    Word tail, head;

    // The host's and the writer's: the list of gating readers (0 or 1 of them) and where its cursor stands until it moves.
    Word listed, cursor;

    // Ready, with the start: 0 until it is sent.
    Word ready;

    Join() : tail(0), head(0), listed(0), cursor(0), ready(0) {}

    void thread(unsigned index)
    {
        if (index == 0)
            write();
        else if (index == 1)
            let_in();
        else
            read();
    }

    void write()
    {
        for (unsigned n = 0; n < Messages; n++)
        {
            // step: lossless.gate
            while (volatile_read(listed) != 0)
            {
                unsigned at = volatile_read(head), from = volatile_read(cursor);
                if (n - (at > from ? at : from) < Capacity)
                    break;
                rl::yield(1, $);
            }

            // step: lossless.fill
            slots[n % Capacity].payload.fill(n + 1);

            // step: lossless.commit
            volatile_write(slots[n % Capacity].sequence, n + 1);

            // step: lossless.tail
            volatile_write(tail, n + 1);
        }
    }

    void let_in()
    {
        // step: lossless.join
        unsigned start = volatile_read(tail);
        volatile_write(cursor, start);
        volatile_write(listed, 1);

        // step: lossless.barrier
        if (!weak("join-no-barrier"))
            process_wide_barrier();

        // step: lossless.start
        if (!weak("join-tail-not-read-again"))
            start = volatile_read(tail);

        // The cursor follows, or the writer waits for a reader who waits for a message that is yet to be written.
        if (!weak("join-cursor-left-behind"))
            volatile_write(cursor, start);
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
            while ((sequence = volatile_read(slot.sequence)) < next + 1)
                rl::yield(1, $);
            RL_ASSERT(sequence == next + 1);

            // step: lossless.use
            RL_ASSERT(Copy(slot.payload).is(next + 1));
            RL_ASSERT(volatile_read(slot.sequence) == next + 1);

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
                    plain_write(cut, 1);

                // step: lossless.cut-fence
                if (!weak("no-fence-after-cut"))
                    write_barrier();
            }

            slots[n % Capacity].payload.fill(n + 1);
            volatile_write(slots[n % Capacity].sequence, n + 1);
            if (is_cut && weak("cut-after-overwrite"))
                volatile_write(cut, 1);
        }
    }

    void read()
    {
        for (unsigned next = 0; next < Messages; next++)
        {
            Slot& slot = slots[next % Capacity];
            while (volatile_read(slot.sequence) != next + 1)
            {
                // Overtaken: only a reader that is cut off can be.
                if (volatile_read(slot.sequence) > next + 1)
                {
                    RL_ASSERT(volatile_read(cut) == 1);
                    return;
                }
                rl::yield(1, $);
            }

            Copy copy(slot.payload);

            // step: lossless.fence2
            if (!weak("no-fence-after-use"))
                read_barrier();

            // step: lossless.check
            if (!weak("cut-not-looked-at") && plain_read(cut) != 0)
                return;
            RL_ASSERT(copy.is(next + 1));
            volatile_write(head, next + 1);
        }
    }
};

int main(int count, char** arguments)
{
    static char const* const weakenings[] =
    {
        "join-no-barrier", "join-tail-not-read-again", "join-cursor-left-behind",
        "cut-after-overwrite", "no-fence-after-cut", "no-fence-after-use", "cut-not-looked-at", 0,
    };
    return run(count, arguments, [] { return holds<Join>(200000) && holds<Cut>(200000); }, weakenings);
}
