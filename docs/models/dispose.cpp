// Dispose beside use: the flag, counted use, and the zero pages that come in the place of a mapping.
//
// Copy: a reader that is not counted copies from memory that may become zeros at any time, and may not return zeros.
// Use: a handler, a claim or a held message works in place. It is counted, and the memory stays until the last one is done;
// nobody begins after the memory went, and the memory goes once.
//
// What the kernel does to a mapping comes after what its thread did before: changing a page table and invalidating the
// translations is ordered behind earlier stores for every other processor (arm64: DSB before and after TLBI; x64: an interrupt
// on each processor). It is a release fence, then stores of zeros.
#include "model.hpp"

struct Copying : rl::test_suite<Copying, 2>
{
    Payload value;

    // The memory in use, or the flag: 0 once the end is disposed.
    Word in_use;

    Copying() : in_use(1) { value.fill(1); }

    void thread(unsigned index)
    {
        if (index == 0)
            dispose();
        else
            read();
    }

    void dispose()
    {
        if (weak("zeros-before-flag"))
            give_up();

        // dispose.flag
        volatile_write(in_use, 0);
        if (!weak("zeros-before-flag"))
            give_up();
    }

    // dispose.zeros
    void give_up()
    {
        write_barrier();
        value.fill(0);
    }

    void read()
    {
        for (int i = 0; i < 2; i++)
        {
            bool open = volatile_read(in_use) == 1;
            if (!open)
                return;

            // dispose.copy
            Copy copy(value);

            // dispose.order
            if (!weak("no-barrier-after-copy"))
                read_barrier();

            // dispose.check
            if (!weak("checked-before-copy") && plain_read(in_use) != 1)
                return;
            RL_ASSERT(copy.is(1));
        }
    }
};

// Two users and an owner that gives the memory up. One word counts the users, and has a bit for that.
struct Using : rl::test_suite<Using, 3>
{
    static unsigned const Closed = 1u << 31;

    Word state;

    // Whoever writes here while somebody else reads is reported.
    rl::var<unsigned> memory;
    Word given_back;

    Using() : state(0), given_back(0) {}

    void before() { memory($) = 1; }

    void thread(unsigned index)
    {
        if (index == 0)
            close();
        else if (try_enter())
        {
            RL_ASSERT(memory($) == 1);
            exit();
        }
    }

    bool try_enter()
    {
        unsigned now = volatile_read(state);
        if (weak("asked-then-counted"))
        {
            // Between the two the last one may have gone.
            if ((now & Closed) != 0)
                return false;
            state.fetch_add(1, rl::memory_order_acq_rel);
            return true;
        }

        // use.enter
        while ((now & Closed) == 0)
        {
            if (state.compare_exchange_weak(now, now + 1, rl::memory_order_acq_rel))
                return true;
        }

        return false;
    }

    void exit()
    {
        if (weak("count-not-interlocked"))
        {
            unsigned now = volatile_read(state);
            volatile_write(state, now - 1);
            if (now == Closed + 1)
                give_back();
            return;
        }

        // use.exit
        unsigned before = weak("exit-not-ordered")
            ? state.fetch_sub(1, rl::memory_order_relaxed)
            : state.fetch_sub(1, rl::memory_order_acq_rel);
        if (before == Closed + 1 && !weak("last-gives-nothing-back"))
            give_back();
    }

    void close()
    {
        // use.close
        unsigned before = weak("close-not-ordered")
            ? state.fetch_or(Closed, rl::memory_order_relaxed)
            : state.fetch_or(Closed, rl::memory_order_acq_rel);
        if (before == 0 || weak("owner-waits-for-nobody"))
            give_back();
    }

    void give_back()
    {
        memory($) = 0;
        given_back.fetch_add(1, rl::memory_order_relaxed);
    }

    void after() { RL_ASSERT(plain_read(given_back) == 1); }
};

int main(int count, char** arguments)
{
    static char const* const weakenings[] =
    {
        "zeros-before-flag", "no-barrier-after-copy", "checked-before-copy",
        "asked-then-counted", "count-not-interlocked", "exit-not-ordered", "close-not-ordered",
        "last-gives-nothing-back", "owner-waits-for-nobody", 0,
    };
    return run(count, arguments, [] { return holds<Copying>(50000) && holds<Using>(50000); }, weakenings);
}
