// The cells of SharedState: one writer, a reader without write access, N cells, one more version than cells and a half.
#include "model.hpp"

template<unsigned N>
struct State : rl::test_suite<State<N>, 2>
{
    static unsigned const Versions = N + 2;

    Payload cells[N];
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
        // A writer may be killed anywhere, for instance between two versions or in the middle of a fill.
        unsigned last = 1 + rl::rand(Versions);
        for (unsigned next = 1; next <= last; next++)
        {
            if (weak("version-before-fill"))
                volatile_write(version, next);

            // step: state.wfence
            if (!weak("no-fence-before-fill"))
                write_barrier();

            // step: state.fill
            if (next == last && rl::rand(2))
            {
                plain_write(cells[next % N].first, next);
                return;
            }
            cells[next % N].fill(next);

            // step: state.publish
            if (weak("publish-plain"))
                plain_write(version, next);
            else if (!weak("version-before-fill"))
                volatile_write(version, next);
        }
    }

    void read()
    {
        unsigned last = 0;
        for (int i = 0; i < 3; i++)
        {
            // step: state.version1
            unsigned before = weak("version1-plain") ? plain_read(version) : volatile_read(version);

            // step: state.copy
            Copy copy(cells[before % N]);

            // step: state.fence
            if (!weak("no-fence-after-copy"))
                read_barrier();

            // step: state.version2
            unsigned after = plain_read(version);
            if (after - before > N - (weak("one-lap-too-far") ? 1 : 2))
                continue;
            RL_ASSERT(copy.is(before));
            RL_ASSERT(before >= last);
            last = before;
        }
    }

    // Whatever became of the writer, the last version is whole.
    void after()
    {
        unsigned last = volatile_read(version);
        RL_ASSERT(Copy(cells[last % N]).is(last));
    }
};

int main(int count, char** arguments)
{
    static char const* const weakenings[] =
    {
        "version-before-fill", "no-fence-before-fill", "publish-plain", "version1-plain", "no-fence-after-copy", "one-lap-too-far", 0,
    };
    return run(count, arguments, [] { return holds<State<3> >(200000) && holds<State<4> >(200000); }, weakenings);
}
