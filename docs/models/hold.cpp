// Held messages of a lane: one thread reads and goes on, another gives back what was held, in any order; the head moves over
// what has been given back, and the memory goes when everything was read and nothing is held.
//
// One writer, the reader, and a thread to which the reader hands messages; two slots, four messages. The head is published by
// whoever of the two moves it: without a lock by the reader as long as nothing is held, else under the lock of the lane.
#include "model.hpp"

unsigned const Capacity = 2;
unsigned const Messages = 4;

struct Holding : rl::test_suite<Holding, 3>
{
    struct Slot
    {
        Word sequence;
        rl::var<unsigned> value;
    };

    Slot slots[Capacity];
    Word head;

    // The reader's process's own: how many messages are held, and, under the lock, which were given back.
    Word held;
    rl::mutex gate;
    rl::var<unsigned> next, first, last_read;
    bool given[Capacity];
    bool dispose_when_released;
    Word disposed;

    // What the reader hands to the other thread: a position and one, 0 for nothing; and that this was all.
    Word handed[Messages];

    Holding() : head(0), held(0), dispose_when_released(false), disposed(0)
    {
        for (unsigned i = 0; i < Capacity; i++)
        {
            plain_write(slots[i].sequence, 0);
            given[i] = false;
        }

        for (unsigned i = 0; i < Messages; i++)
            plain_write(handed[i], 0);
    }

    void before()
    {
        next($) = 0;
        first($) = 0;
    }

    void thread(unsigned index)
    {
        if (index == 0)
            write();
        else if (index == 1)
            read();
        else
            release_all();
    }

    void write()
    {
        unsigned cached = 0;
        for (unsigned n = 0; n < Messages; n++)
        {
            while (n - cached >= Capacity)
            {
                unsigned now = volatile_read(head);

                // Nothing else may be seen there: the reader would be taken for one that breaks the protocol.
                RL_ASSERT(cached <= now && now <= n);
                if (now == cached)
                    rl::yield(1, $);
                cached = now;
            }

            slots[n % Capacity].value($) = n + 1;
            volatile_write(slots[n % Capacity].sequence, n + 1);
        }
    }

    void read()
    {
        for (unsigned n = 0; n < Messages; n++)
        {
            while (volatile_read(slots[n % Capacity].sequence) != n + 1)
                rl::yield(1, $);
            if (rl::rand(2) == 0)
            {
                RL_ASSERT(slots[n % Capacity].value($) == n + 1);
                pass(n);
                volatile_write(handed[n], Messages + 1);
            }
            else
            {
                hold(n);
                volatile_write(handed[n], n + 1);
            }
        }

        dispose_when_all_released();
    }

    // hold.pass. Acquire: once nothing is held, what the last release stored as the head is older than what is stored here.
    void pass(unsigned n)
    {
        bool nothing_held = weak("held-plain") ? plain_read(held) == 0 : volatile_read(held) == 0;
        if (nothing_held || weak("held-not-asked"))
        {
            next($) = n + 1;
            volatile_write(head, n + 1);
            return;
        }

        gate.lock($);
        next($) = n + 1;
        given[n % Capacity] = true;
        advance();
        gate.unlock($);
    }

    void hold(unsigned n)
    {
        gate.lock($);

        // hold.first
        if (plain_read(held) == 0 && !weak("head-not-taken-over"))
            first($) = n;
        next($) = n + 1;

        // hold.count
        volatile_write(held, plain_read(held) + 1);
        gate.unlock($);
    }

    // Moves the head over everything that was given back.
    void advance()
    {
        unsigned from = first($), to = from;
        while (to != next($) && (given[to % Capacity] || weak("head-over-held")))
            given[to++ % Capacity] = false;
        if (to == from)
            return;
        first($) = to;

        // hold.advance
        volatile_write(head, to);
    }

    void release_all()
    {
        // The last ones first, where two are there.
        for (unsigned n = 0; n < Messages; n += 2)
        {
            bool backward = rl::rand(2) == 0 && volatile_read(handed[n + 1]) != 0;
            release(backward ? n + 1 : n);
            release(backward ? n : n + 1);
        }
    }

    void release(unsigned n)
    {
        unsigned what;
        while ((what = volatile_read(handed[n])) == 0)
            rl::yield(1, $);
        if (what != n + 1)
            return;
        RL_ASSERT(slots[n % Capacity].value($) == n + 1);

        gate.lock($);
        if (weak("uncounted-before-the-head"))
            volatile_write(held, plain_read(held) - 1);
        given[n % Capacity] = true;
        advance();

        // hold.release. After the head is stored: see pass.
        if (!weak("uncounted-before-the-head"))
            volatile_write(held, plain_read(held) - 1);
        if (dispose_when_released && plain_read(held) == 0 && !weak("last-does-not-dispose"))
            dispose();
        gate.unlock($);
    }

    // hold.dispose. Everything was read.
    void dispose_when_all_released()
    {
        gate.lock($);
        dispose_when_released = true;
        if (plain_read(held) == 0 || weak("disposed-under-held"))
            dispose();
        gate.unlock($);
    }

    void dispose()
    {
        RL_ASSERT(plain_read(disposed) == 0);
        plain_write(disposed, 1);
        for (unsigned i = 0; i < Capacity; i++)
            slots[i].value($) = 0;
    }

    void after()
    {
        RL_ASSERT(plain_read(head) == Messages);
        RL_ASSERT(plain_read(disposed) == 1);
    }
};

int main(int count, char** arguments)
{
    static char const* const weakenings[] =
    {
        "held-plain", "held-not-asked", "head-not-taken-over", "head-over-held",
        "uncounted-before-the-head", "last-does-not-dispose", "disposed-under-held", 0,
    };
    return run(count, arguments, [] { return holds<Holding>(100000); }, weakenings);
}
