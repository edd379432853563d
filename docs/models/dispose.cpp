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

// Two users and a dispose. The word counts those who use the memory, and the end itself, as long as it is not disposed.
struct Using : rl::test_suite<Using, 3>
{
    Word users, disposed;

    // Whoever writes here while somebody else does is reported.
    rl::var<unsigned> memory;
    Word given_up;

    Using() : users(1), disposed(0), given_up(0) {}

    void before() { memory($) = 1; }

    void thread(unsigned index)
    {
        if (index == 0)
            dispose();
        else
            use();
    }

    bool begin()
    {
        if (weak("flag-then-count"))
        {
            // Between the two the last one may have gone.
            if (volatile_read(disposed) == 1)
                return false;
            users.fetch_add(1, rl::memory_order_acq_rel);
            return true;
        }

        // use.begin
        unsigned now = volatile_read(users);
        while (now != 0)
        {
            if (users.compare_exchange_weak(now, now + 1, rl::memory_order_acq_rel))
                return true;
        }

        return false;
    }

    void end()
    {
        if (weak("count-not-interlocked"))
        {
            unsigned now = volatile_read(users);
            volatile_write(users, now - 1);
            if (now == 1)
                give_up();
            return;
        }

        // use.end
        unsigned before = weak("end-not-ordered") ? users.fetch_sub(1, rl::memory_order_relaxed) : users.fetch_sub(1, rl::memory_order_acq_rel);
        if (before == 1)
            give_up();
    }

    void use()
    {
        if (!begin())
            return;
        RL_ASSERT(memory($) != 0);
        if (weak("dispose-waits-for-nobody"))
            rl::yield(1, $);
        end();
    }

    void dispose()
    {
        volatile_write(disposed, 1);
        if (weak("dispose-waits-for-nobody"))
            give_up();
        else if (!weak("own-count-kept"))
            end();
    }

    void give_up()
    {
        memory($) = 0;
        given_up.fetch_add(1, rl::memory_order_relaxed);
    }

    void after() { RL_ASSERT(plain_read(given_up) == 1); }
};

int main(int count, char** arguments)
{
    static char const* const weakenings[] =
    {
        "zeros-before-flag", "no-barrier-after-copy", "checked-before-copy",
        "flag-then-count", "count-not-interlocked", "end-not-ordered", "dispose-waits-for-nobody", "own-count-kept", 0,
    };
    return run(count, arguments, [] { return holds<Copying>(50000) && holds<Using>(50000); }, weakenings);
}
