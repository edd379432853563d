// How the changes of a SharedTable are found: each element has the number of its last change, each block of elements that of the last
// change in it, and one word the number of the last change that was announced. A reader that asks what has changed since a number skips
// every block whose number is not greater.
//
// Two threads write, each under the lock that gives a change its number; four elements, two blocks. A reader takes the changes
// twice: each change up to the number that it has taken must have been found by then.
#include "model.hpp"

unsigned const Elements = 4;
unsigned const Block = 2;
unsigned const Changes = 4;

struct Levels : rl::test_suite<Levels, 3>
{
    Word versions[Elements];
    Word blocks[Elements / Block];
    Word announced;

    rl::mutex writing;
    unsigned last;

    // Which element a change was made of, for the model alone: written under the lock before the change is announced.
    Word element_of[Changes + 1];

    Levels() : announced(0), last(0)
    {
        for (unsigned i = 0; i < Elements; i++)
            plain_write(versions[i], 0);
        for (unsigned i = 0; i < Elements / Block; i++)
            plain_write(blocks[i], 0);
        for (unsigned i = 0; i <= Changes; i++)
            plain_write(element_of[i], 0);
    }

    void thread(unsigned index)
    {
        if (index < 2)
            write();
        else
            read();
    }

    void write()
    {
        for (unsigned i = 0; i < Changes / 2; i++)
        {
            unsigned element = rl::rand(Elements);
            writing.lock($);
            unsigned change = ++last;
            plain_write(element_of[change], element);
            if (weak("number-outside-the-lock"))
                writing.unlock($);
            if (weak("announced-before-the-blocks"))
                volatile_write(announced, change);

            // step: table.publish
            volatile_write(versions[element], change);

            // step: table.level. Before the change is announced, which is a release.
            if (!weak("block-left-out"))
                plain_write(blocks[element / Block], change);

            // step: table.announce
            if (weak("announced-plainly"))
                plain_write(announced, change);
            else if (!weak("announced-before-the-blocks"))
                volatile_write(announced, change);
            if (!weak("number-outside-the-lock"))
                writing.unlock($);
        }
    }

    void read()
    {
        unsigned since = 0;
        bool found[Changes + 1] = {};
        for (int i = 0; i < 2; i++)
        {
            // step: table.changes. Loaded before the elements are looked at: what changes meanwhile is found the next time.
            unsigned now = weak("changes-loaded-plainly") ? plain_read(announced) : volatile_read(announced);
            for (unsigned element = 0; element < Elements; )
            {
                // step: table.skip
                unsigned block = volatile_read(blocks[element / Block]);
                if (element % Block == 0 && block <= since)
                {
                    element += Block;
                    continue;
                }

                // step: table.version
                unsigned version = volatile_read(versions[element]);
                if (version > since)
                    mark(found, element, version);
                element++;
            }

            // What is up to this number is not asked for again.
            since = weak("changes-loaded-afterwards") ? volatile_read(announced) : now;
            for (unsigned change = 1; change <= since; change++)
                RL_ASSERT(found[change]);
        }
    }

    // An element that has changed again has reported all its changes until then.
    void mark(bool* found, unsigned element, unsigned version)
    {
        for (unsigned change = 1; change <= version; change++)
        {
            if (plain_read(element_of[change]) == element)
                found[change] = true;
        }
    }
};

int main(int count, char** arguments)
{
    static char const* const weakenings[] =
    {
        "number-outside-the-lock", "announced-before-the-blocks", "announced-plainly", "block-left-out",
        "changes-loaded-plainly", "changes-loaded-afterwards", 0,
    };
    return run(count, arguments, [] { return holds<Levels>(100000); }, weakenings);
}
