// The cells of SharedState: one writer, a reader without write access, N cells, a sequence in each, and the version.
#include "model.hpp"

template<unsigned N>
struct State : rl::test_suite<State<N>, 2>
{
    static unsigned const Versions = N + 2;

    struct Cell
    {
        Word sequence;
        Payload payload;

        Cell() : sequence(0) {}
    };

    Cell cells[N];
    Word version;

    State() : version(0) {}

    void thread(unsigned index)
    {
        if (index == 0)
            write();
        else
            read();
    }

    void write()
    {
        // A writer may be killed anywhere, for instance between two versions, in the middle of a fill, or before it publishes.
        unsigned last = 1 + rl::rand(Versions);
        for (unsigned next = 1; next <= last; next++)
        {
            Cell& cell = cells[next % N];

            // step: state.odd
            if (!weak("no-odd"))
                plain_write(cell.sequence, 2 * next - 1);

            // step: state.barrier
            if (!weak("no-fence-after-odd"))
                write_barrier();

            if (weak("even-before-fill"))
                volatile_write(cell.sequence, 2 * next);
            if (weak("version-before-fill"))
                volatile_write(version, next);

            // step: state.fill
            if (next == last && rl::rand(2))
            {
                plain_write(cell.payload.first, next);
                return;
            }
            cell.payload.fill(next);

            // step: state.even
            if (weak("even-plain"))
                plain_write(cell.sequence, 2 * next);
            else if (!weak("even-before-fill"))
                volatile_write(cell.sequence, 2 * next);
            if (next == last && rl::rand(2))
                return;

            // step: state.publish
            if (!weak("version-before-fill"))
                volatile_write(version, next);
        }
    }

    void read()
    {
        unsigned last = 0;
        for (int i = 0; i < 3; i++)
        {
            // step: state.version
            unsigned newest = volatile_read(version);
            Cell& cell = cells[newest % N];

            // step: state.look
            unsigned sequence = weak("look-plain") ? plain_read(cell.sequence) : volatile_read(cell.sequence);
            unsigned found = sequence / 2;
            if (sequence % 2 != 0 || found < newest)
                continue;

            // step: state.copy
            Copy copy(cell.payload);

            // step: state.order
            if (!weak("no-fence-after-copy"))
                read_barrier();

            // step: state.check
            if (!weak("not-checked") && plain_read(cell.sequence) != sequence)
                continue;

            // step: state.published
            if (!weak("unpublished") && found != newest && volatile_read(version) < found)
                continue;
            RL_ASSERT(copy.is(found));
            RL_ASSERT(found >= last);
            last = found;
        }
    }

    // Whatever became of the writer, the last version is whole.
    void after()
    {
        unsigned last = volatile_read(version);
        RL_ASSERT(Copy(cells[last % N].payload).is(last));
    }
};

int main(int count, char** arguments)
{
    static char const* const weakenings[] =
    {
        "no-odd", "no-fence-after-odd", "even-before-fill", "version-before-fill", "even-plain", "look-plain",
        "no-fence-after-copy", "not-checked", "unpublished", 0,
    };
    return run(count, arguments, [] { return holds<State<3> >(200000) && holds<State<4> >(200000); }, weakenings);
}
