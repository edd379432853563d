// The slots of a lossy SharedBroadcast: one writer that never waits, a reader without write access, two slots, five messages.
// Whatever the reader misses, received + lost is the final count.
#include "model.hpp"

unsigned const Capacity = 2;
unsigned const Messages = 5;

struct Lossy : rl::test_suite<Lossy, 2>
{
    struct Slot
    {
        Word sequence;
        Payload payload;

        Slot() : sequence(0) {}
    };

    Slot slots[Capacity];
    Word tail, complete;

    Lossy() : tail(0), complete(0) {}

    void thread(unsigned index)
    {
        if (index == 0)
            write();
        else
            read();
    }

    void write()
    {
        // It may stop before the last message: the final count says how many there are.
        unsigned count = Messages - rl::rand(2);
        for (unsigned n = 0; n < count; n++)
        {
            Slot& slot = slots[n % Capacity];

            // step: lossy.odd
            if (!weak("no-odd"))
                plain_write(slot.sequence, 2 * n + 1);

            // step: lossy.barrier
            if (!weak("no-fence-after-odd"))
                write_barrier();

            if (weak("even-before-fill"))
                volatile_write(slot.sequence, 2 * n + 2);

            // step: lossy.fill
            slot.payload.fill(n + 1);

            // step: lossy.even
            if (weak("even-plain"))
                plain_write(slot.sequence, 2 * n + 2);
            else if (!weak("even-before-fill"))
                volatile_write(slot.sequence, 2 * n + 2);

            // step: lossy.tail
            volatile_write(tail, n + 1);
        }

        // step: complete.store
        volatile_write(complete, count + 1);
    }

    void read()
    {
        unsigned next = 0, received = 0, lost = 0;
        while (true)
        {
            // Before the data: what came before the end counts.
            // step: complete.look
            unsigned end = weak("end-after-data") ? 0 : volatile_read(complete);
            Slot& slot = slots[next % Capacity];

            // step: lossy.look
            unsigned before = weak("look-plain") ? plain_read(slot.sequence) : volatile_read(slot.sequence);
            if (before < 2 * next + 2)
            {
                if (weak("end-after-data"))
                    end = volatile_read(complete);
                if (end != 0)
                {
                    RL_ASSERT(received + lost == end - 1);
                    return;
                }
                rl::yield(1, $);
                continue;
            }

            if (before == 2 * next + 2)
            {
                // step: lossy.copy
                Copy copy(slot.payload);

                // step: lossy.order
                if (!weak("no-fence-after-copy"))
                    read_barrier();

                // step: lossy.check
                if (weak("not-checked") || plain_read(slot.sequence) == before)
                {
                    RL_ASSERT(copy.is(next + 1));
                    received++;
                    next++;
                    continue;
                }
            }

            // step: lossy.lap
            unsigned newest = volatile_read(tail);
            unsigned oldest = newest > next + Capacity / 2 ? newest - Capacity / 2 : next + 1;
            lost += weak("one-lap-counted") ? 1 : oldest - next;
            next = oldest;
        }
    }
};

int main(int count, char** arguments)
{
    static char const* const weakenings[] =
    {
        "no-odd", "no-fence-after-odd", "even-before-fill", "even-plain", "look-plain", "no-fence-after-copy",
        "not-checked", "one-lap-counted", "end-after-data", 0,
    };
    return run(count, arguments, [] { return holds<Lossy>(200000); }, weakenings);
}
