// Several readers of a lossless SharedBroadcast: the writer waits for the slowest of those who are there.
//
// One reader is there from the beginning and may die at any message; its words then become zeros. Another one is let in while the
// writer writes. Nobody may touch a slot that a reader still needs, so the payload is a variable whose every unordered pair
// of accesses is reported; and nobody but the readers who are there may hold the writer back. Two slots, four messages.
// What joining alone needs is in lossless.cpp.
#include "model.hpp"

unsigned const Capacity = 2;
unsigned const Messages = 4;
unsigned const NoLimit = 1000;

struct Gating : rl::test_suite<Gating, 4>
{
    struct Slot
    {
        Word sequence;
        rl::var<unsigned> value;
    };

    Slot slots[Capacity];
    Word tail;

    // Of each reader: its position, which becomes zero with its words, where it stands until that moves, whether its link has ended.
    Word heads[2], starts[2], ended[2];

    // Of each reader: its position, which becomes zero with its words, where it stands until that moves, whether its link is over.
    Word gates, limit;
    unsigned seen[2];

    // Ready, with the start of the second reader.
    Word ready;
    Word died;

    Gating() : tail(0), gates(1), limit(0), ready(0), died(0)
    {
        for (unsigned i = 0; i < Capacity; i++)
            plain_write(slots[i].sequence, 0);
        for (unsigned i = 0; i < 2; i++)
        {
            plain_write(heads[i], 0);
            plain_write(starts[i], 0);
            plain_write(ended[i], 0);
            seen[i] = 0;
        }
    }

    void thread(unsigned index)
    {
        if (index == 0)
            write();
        else if (index == 1)
            host();
        else if (index == 2)
            first();
        else
            second();
    }

    // gating.load. Whether a reader counts, and where it stands.
    bool try_load(unsigned reader, unsigned& at)
    {
        bool over = weak("ended-asked-first") && volatile_read(ended[reader]) == 1;

        // Acquire: what the reader did with a slot is over before the slot is filled again.
        unsigned head = weak("head-plain") ? plain_read(heads[reader]) : volatile_read(heads[reader]);

        // The words of a link that has ended are zeros, so that is asked afterwards.
        if (!weak("ended-asked-first") && !weak("dead-not-let-go"))
            over = volatile_read(ended[reader]) == 1;
        if (over)
            return false;

        // One that goes backward is dropped for breaking the protocol: nobody here does.
        if (!weak("dead-not-let-go"))
            RL_ASSERT(head >= seen[reader]);
        seen[reader] = head;
        unsigned start = volatile_read(starts[reader]);
        at = head > start ? head : start;
        return true;
    }

    unsigned find_limit(unsigned those, unsigned n)
    {
        unsigned slowest = weak("fastest-counts") ? 0 : n, at;
        for (unsigned i = 0; i < 2; i++)
        {
            if ((those >> i & 1) == 0 || !try_load(i, at))
                continue;

            // gating.slowest
            slowest = weak("fastest-counts") ? (at > slowest ? at : slowest) : (at < slowest ? at : slowest);
        }

        return slowest + Capacity;
    }

    bool find_space(unsigned n)
    {
        while (true)
        {
            unsigned those = volatile_read(gates);
            unsigned until = those == 0 ? NoLimit : find_limit(those, n);
            volatile_write(limit, until);
            rl::atomic_thread_fence(rl::memory_order_seq_cst);
            if (volatile_read(gates) == those)
                return n < until;
        }
    }

    void write()
    {
        for (unsigned n = 0; n < Messages; n++)
        {
            while (n >= volatile_read(limit) && !find_space(n))
                rl::yield(1, $);
            slots[n % Capacity].value($) = n + 1;
            volatile_write(slots[n % Capacity].sequence, 2 * n + 2);
            volatile_write(tail, n + 1);
        }
    }

    // Lets the second reader in, and the first one go, once it is dead: under one lock.
    void host()
    {
        bool joins_first = rl::rand(2) == 0;
        if (joins_first)
            join();
        while (volatile_read(died) == 0)
            rl::yield(1, $);
        if (volatile_read(died) == 2)
        {
            // gating.end. That the link has ended is stored before its words become zeros.
            if (!weak("zeros-before-the-end"))
                volatile_write(ended[0], 1);
            write_barrier();
            plain_write(heads[0], 0);
            if (weak("zeros-before-the-end"))
                volatile_write(ended[0], 1);

            // gating.leave
            if (!weak("dead-not-let-go"))
                volatile_write(gates, volatile_read(gates) & ~1u);
        }

        if (!joins_first)
            join();
    }

    void join()
    {
        volatile_write(starts[1], volatile_read(tail));

        // gating.join. Those who are there already stay in the array.
        volatile_write(gates, weak("others-forgotten") ? 2 : volatile_read(gates) | 2);
        rl::atomic_thread_fence(rl::memory_order_seq_cst);
        volatile_write(limit, 0);
        process_wide_barrier();
        unsigned start = volatile_read(tail);
        volatile_write(starts[1], start);
        volatile_write(ready, start + 1);
    }

    void read(unsigned reader, unsigned next)
    {
        while (volatile_read(slots[next % Capacity].sequence) < 2 * next + 2)
            rl::yield(1, $);
        RL_ASSERT(volatile_read(slots[next % Capacity].sequence) == 2 * next + 2);
        RL_ASSERT(slots[next % Capacity].value($) == next + 1);
        volatile_write(heads[reader], next + 1);
    }

    void first()
    {
        unsigned last = rl::rand(Messages + 1);
        for (unsigned next = 0; next < last; next++)
            read(0, next);

        // The kernel hangs up when its process is gone.
        volatile_write(died, last == Messages ? 1 : 2);
    }

    void second()
    {
        unsigned start;
        while ((start = volatile_read(ready)) == 0)
            rl::yield(1, $);
        for (unsigned next = start - 1; next < Messages; next++)
            read(1, next);
    }
};

int main(int count, char** arguments)
{
    static char const* const weakenings[] =
    {
        "fastest-counts", "head-plain", "ended-asked-first", "zeros-before-the-end", "others-forgotten", "dead-not-let-go", 0,
    };
    return run(count, arguments, [] { return holds<Gating>(50000); }, weakenings);
}
