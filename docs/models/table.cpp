// An element of SharedTable: one writer, a reader without write access, two cells, the word says which one holds the value.
#include "model.hpp"

struct Element : rl::test_suite<Element, 2>
{
    static unsigned const N = 2;
    static unsigned const Versions = N + 2;

    Payload cells[N];
    Word word;

    Element() : word(0) {}

    void thread(unsigned index)
    {
        if (index == 0)
            write();
        else
            read();
    }

    void write()
    {
        // A writer may be killed anywhere, for instance between two versions or in the middle of a fill.
        unsigned last = 1 + rl::rand(Versions);
        for (unsigned next = 1; next <= last; next++)
        {
            if (weak("word-before-fill"))
                volatile_write(word, next);

            // step: table.barrier
            if (!weak("no-fence-before-fill"))
                write_barrier();

            // step: table.fill
            if (next == last && rl::rand(2))
            {
                plain_write(cells[next % N].first, next);
                return;
            }
            cells[next % N].fill(next);

            // step: table.publish
            if (weak("publish-plain"))
                plain_write(word, next);
            else if (!weak("word-before-fill"))
                volatile_write(word, next);
        }
    }

    void read()
    {
        unsigned last = 0;
        for (int i = 0; i < 3; i++)
        {
            // step: table.word
            unsigned before = weak("word-plain") ? plain_read(word) : volatile_read(word);

            // step: table.copy
            Copy copy(cells[before % N]);

            // step: table.order
            if (!weak("no-fence-after-copy"))
                read_barrier();

            // step: table.check
            unsigned after = plain_read(word);
            if (after - before > (weak("one-lap-too-far") ? 1 : 0))
                continue;
            RL_ASSERT(copy.is(before));
            RL_ASSERT(before >= last);
            last = before;
        }
    }

    // Whatever became of the writer, the last version is whole.
    void after()
    {
        unsigned last = volatile_read(word);
        RL_ASSERT(Copy(cells[last % N]).is(last));
    }
};

int main(int count, char** arguments)
{
    static char const* const weakenings[] =
    {
        "word-before-fill", "no-fence-before-fill", "publish-plain", "word-plain", "no-fence-after-copy", "one-lap-too-far", 0,
    };
    return run(count, arguments, [] { return holds<Element>(200000); }, weakenings);
}
