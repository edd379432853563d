/*
 * The address arena: where regions are mapped, and what stands at an address after that (src/Runtime/Memory).
 *
 * Address space is reserved once; each region is mapped at the next address of it, and retired by putting zero pages in its
 * place, which stay. Two threads map a region each and retire it; somebody who came late, a stale view, a handler, a
 * publisher, still has the address of the first region and uses it at any time. Another part of the process maps
 * memory of its own wherever the kernel finds room.
 *
 * What has to come out: the latecomer meets its region or zeros, never somebody else's memory and never nothing at all (which
 * ends the process); nobody is mapped over.
 *
 * A mapping that fails (ENOMEM) may leave a hole, since the kernel may have unmapped the reserved pages before. Whoever finds the hole may
 * be first to fill it, so nothing is ever put there again.
 *
 * Set-ups:  FAILS     a mapping may fail, after its address was taken
 *
 *   holds
 *   holds -DFAILS
 *
 *   fails -DWEAK_REUSED
 *   fails -DWEAK_UNMAPPED
 *   fails -DWEAK_UNMAPPED_FIRST
 *   fails -DWEAK_ADDRESS_NOT_TAKEN_AT_ONCE
 *   fails -DFAILS -DWEAK_GIVEN_BACK_IF_LAST
 *   fails -DFAILS -DWEAK_GIVEN_BACK
 *   fails -DWEAK_NOT_RESERVED
 */

/* What stands at an address. */
#define NOTHING 0
#define RESERVED 1
#define ZEROS 2
#define STRANGER 3
#define REGION 4              /* REGION + t: the region of thread t */

#define PAGES 5               /* of which the arena has the first four */
#define ARENA 4

byte at[PAGES];
byte next;                    /* Arena: the next address */
byte retired = PAGES;         /* the last one that was retired */
byte first = PAGES;           /* where the region of thread 0 is */
byte done;

inline MAP_FIXED(page, what) {
    /* Puts itself in the place of whatever is there: that must be the arena's own. */
    assert(at[page] != STRANGER && at[page] != NOTHING);
    assert(what == ZEROS || at[page] == RESERVED);
    at[page] = what
}

inline TAKE(t, page) {
#ifdef WEAK_REUSED
    d_step {                                  /* the last resort of an address space that is full, here at once */
        if
        :: retired != PAGES -> page = retired; at[page] = RESERVED; retired = PAGES
        :: else -> page = next; next++
        fi
    }
#else
#ifdef WEAK_ADDRESS_NOT_TAKEN_AT_ONCE
    page = next;
    next = page + 1
#else
    d_step { page = next; next++ }            /* arena.take */
#endif
#endif
}

inline RETIRE(page) {
#ifdef WEAK_UNMAPPED
    at[page] = NOTHING;
#else
#ifdef WEAK_UNMAPPED_FIRST
    at[page] = NOTHING;
    d_step { at[page] != STRANGER -> at[page] = ZEROS };
#else
    d_step { MAP_FIXED(page, ZEROS) };        /* arena.retire: one system call */
#endif
#endif
    retired = page
}

proctype Owner(byte t) {
    byte page, tries;

again:
    tries++;
    TAKE(t, page);
    if
#ifdef FAILS
    :: tries < 2 ->
        if
        :: true
        :: d_step { at[page] = NOTHING }
        fi;
#ifdef WEAK_GIVEN_BACK
        next--;
#endif
#ifdef WEAK_GIVEN_BACK_IF_LAST
        d_step {
            if
            :: next == page + 1 -> next--
            :: else
            fi
        };
#endif
        goto again                            /* arena.fail: the address is lost */
#endif
    :: d_step { MAP_FIXED(page, REGION + t) } /* arena.map */
    fi;
    if
    :: t == 0 -> first = page
    :: else
    fi;

    /* Its own users find it as long as it is not retired. */
    assert(at[page] == REGION + t);
    RETIRE(page);
    done++
}

/* Holds the address of the first region. */
proctype Late() {
    byte page;

    first != PAGES;
    page = first;
    assert(at[page] == REGION + 0 || at[page] == ZEROS);
    assert(at[page] == REGION + 0 || at[page] == ZEROS);
    done++
}

/* Asks for memory without saying where: it gets what nobody has. */
proctype Stranger() {
    if
    :: d_step { at[0] == NOTHING -> at[0] = STRANGER }
    :: d_step { at[1] == NOTHING -> at[1] = STRANGER }
    :: d_step { at[2] == NOTHING -> at[2] = STRANGER }
    :: d_step { at[3] == NOTHING -> at[3] = STRANGER }
    :: d_step { at[4] == NOTHING -> at[4] = STRANGER }
    fi;
    done++
}

init {
    atomic {
#ifndef WEAK_NOT_RESERVED
        at[0] = RESERVED;
        at[1] = RESERVED;
        at[2] = RESERVED;
        at[3] = RESERVED;
#endif
        run Owner(0);
        run Owner(1);
        run Late();
        run Stranger()
    }

    done == 4
}
