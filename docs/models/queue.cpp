// The slots of SharedQueue: one writer, one reader, two slots; a message, a batch of two, two messages.
//
// Nobody may touch a slot while the other does, so the payload is a variable whose every unordered pair of accesses
// Relacy reports as a race, also those of a load that would be late.
#include "model.hpp"

unsigned const Capacity = 2;
unsigned const Messages = 5;

struct Queue : rl::test_suite<Queue, 2>
{
    struct Slot
    {
        Word sequence;
        rl::var<unsigned> first, second;
    };

    Slot slots[Capacity];
    Word head;

    // The writer's own.
    unsigned position, cached_head;

    Queue() : head(0), position(0), cached_head(0)
    {
        for (unsigned i = 0; i < Capacity; i++)
            plain_write(slots[i].sequence, 0);
    }

    void thread(unsigned index)
    {
        if (index == 0)
        {
            write();
            write_batch();
            write();
            write();
        }
        else
        {
            for (unsigned next = 0; next < Messages; next++)
                read(next);
        }
    }

    Slot& slot(unsigned message) { return slots[message % Capacity]; }

    void wait_for_space(unsigned count)
    {
        while (position + count - cached_head > Capacity)
        {
            // step: slot.space
            unsigned now = weak("space-plain") ? plain_read(head) : volatile_read(head);
            RL_ASSERT(cached_head <= now && now <= position);
            if (now == cached_head)
                rl::yield(1, $);
            cached_head = now;
        }
    }

    // step: slot.fill
    void fill(unsigned message)
    {
        slot(message).first($) = message + 1;
        slot(message).second($) = message + 1;
    }

    void write()
    {
        wait_for_space(1);
        if (weak("commit-before-fill"))
            volatile_write(slot(position).sequence, position + 1);
        fill(position);

        // step: slot.commit
        if (weak("commit-plain"))
            plain_write(slot(position).sequence, position + 1);
        else if (!weak("commit-before-fill"))
            volatile_write(slot(position).sequence, position + 1);
        position++;
    }

    void write_batch()
    {
        wait_for_space(2);
        fill(position);
        fill(position + 1);
        if (weak("batch-first-to-last"))
        {
            volatile_write(slot(position).sequence, position + 1);
            volatile_write(slot(position + 1).sequence, position + 2);
        }
        else
        {
            // step: slot.batch
            plain_write(slot(position + 1).sequence, position + 2);
            if (weak("batch-plain"))
                plain_write(slot(position).sequence, position + 1);
            else
                volatile_write(slot(position).sequence, position + 1);
        }

        position += 2;
    }

    void read(unsigned next)
    {
        // step: slot.look
        while ((weak("look-plain") ? plain_read(slot(next).sequence) : volatile_read(slot(next).sequence)) != next + 1)
            rl::yield(1, $);

        // All of a batch or none: if its first message is there, the rest is, whatever becomes of the writer now.
        if (next == 1)
            RL_ASSERT(volatile_read(slot(2).sequence) == 3);

        if (weak("head-before-copy"))
            volatile_write(head, next + 1);

        // step: slot.copy
        RL_ASSERT(slot(next).first($) == next + 1);
        RL_ASSERT(slot(next).second($) == next + 1);

        // step: slot.release
        if (weak("head-plain"))
            plain_write(head, next + 1);
        else if (!weak("head-before-copy"))
            volatile_write(head, next + 1);
    }
};

int main(int count, char** arguments)
{
    static char const* const weakenings[] =
    {
        "commit-before-fill", "commit-plain", "batch-first-to-last", "batch-plain", "look-plain",
        "head-before-copy", "head-plain", "space-plain", 0,
    };
    return run(count, arguments, [] { return holds<Queue>(40000); }, weakenings);
}
