/*
 * A client whose creator goes and has a successor: what its readers and waiters see (src/Runtime/Ends, state, table and struct in
 * src/Runtime/Channels).
 *
 * The creator dies at some time; the client connects to the successor and goes over to its memory; the successor may die as
 * well, at any time, even before the client is done with that. Meanwhile one thread reads, another waits for a change that
 * nobody has read yet, and the client may be disposed.
 *
 * Each memory has an epoch and a version in it. The successor begins to count anew, so its versions are those of the creator
 * before: here both have published version 1.
 *
 * What has to come out: no read returns what stands in memory that was given up; what the successor has published is reported to
 * who waits; memory and link of each connection are given up once, and not while the connection is in use; the state that is
 * shown last is right.
 *
 * What is done under the gate of the client is one step here.
 *
 * Set-ups:  DISPOSE   the client is disposed at some time
 *           DEATH     the successor dies too; there is no third
 *
 *   holds
 *   holds -DDEATH
 *   holds -DDISPOSE
 *   holds -DDISPOSE -DDEATH
 *
 *   fails -DWEAK_GIVEN_UP_BEFORE_THE_SWITCH
 *   fails -DWEAK_COPY_NOT_CHECKED
 *   fails -DDISPOSE -DWEAK_GIVEN_UP_BEFORE_THE_FLAG
 *   fails -DWEAK_SEEN_WITHOUT_EPOCH
 *   fails -DWEAK_SEEN_RESET_AT_THE_SWITCH
 *   fails -DWEAK_INTERRUPTED_BEFORE_THE_SWITCH
 *   fails -DDISPOSE -DWEAK_SWITCHED_AFTER_DISPOSE
 *   fails -DDEATH -DWEAK_STARTED_BEFORE_THE_SWITCH
 *   fails -DDEATH -DWEAK_END_BEFORE_THE_START_IS_LOST
 *   fails -DDEATH -DWEAK_WAITS_FOR_NO_SUCCESSOR
 */

/* Connections: 0 to the creator, 1 to its successor. */
#define NONE 2
#define VERSION 1

/* States of a client. */
#define CONNECTED 1
#define LOST 2
#define DISPOSED 3

/* Threads that have to come to their end, besides the one that waits. */
#ifdef DEATH
#define DEATHS 1
#else
#define DEATHS 0
#endif
#ifdef DISPOSE
#define DISPOSES 1
#else
#define DISPOSES 0
#endif
#define ALL (2 + DEATHS + DISPOSES)

bool zeros[2];                  /* in the place of the memory */
bool connected;                 /* to the successor */
byte given_up[2];
bool link_over[2];
bool link_started[2];
bool link_disposed[2];

byte memory;                    /* the connection whose memory is in use, or NONE once disposed */
byte session;                   /* the connection in use, or the last one */
byte state = CONNECTED;
bool disposed;
bool no_successor;              /* nobody is connected to any more */

/* What was read: in each connection's own memory object, or in one pair of fields of the client. */
byte seen[2];
byte seen_version;

byte interrupts;                /* of who waits: it sleeps until this changes */
byte finished;

inline GIVE_UP(c) { d_step { zeros[c] = true; given_up[c]++ } }

inline INTERRUPT() { interrupts++ }

/* ChannelClient.Ended, told by the link, or by its Start; then it connects again. */
inline ENDED(c, stop) {
    atomic {
        if
        :: !disposed -> state = LOST    /* reconnect.lost */
        :: else
        fi;
        if
        :: c == 1 -> no_successor = true
        :: else
        fi
    };
    INTERRUPT();
    if
    :: c == 0 -> SWITCH_TO(stop)
    :: else
    fi
}

inline SWITCH_TO(stop) {
    connected = true;
#ifdef WEAK_GIVEN_UP_BEFORE_THE_SWITCH
    GIVE_UP(0);
#endif
#ifdef WEAK_INTERRUPTED_BEFORE_THE_SWITCH
    INTERRUPT();
#endif
#ifdef WEAK_STARTED_BEFORE_THE_SWITCH
    atomic {
        link_started[1] = true;
        if
        :: link_over[1] && !disposed -> state = LOST
        :: else
        fi
    };
#endif
    atomic {                            /* reconnect.switch */
        if
#ifdef WEAK_SWITCHED_AFTER_DISPOSE
        :: false
#else
        :: disposed -> stop = true
#endif
        :: else ->
#ifdef WEAK_SEEN_RESET_AT_THE_SWITCH
            seen_version = 0;
#endif
            session = 1;
            if
            :: !disposed -> memory = 1; state = CONNECTED
            :: else
            fi
        fi
    };
    if
    :: stop ->
        link_disposed[1] = true;        /* reconnect.refuse: nobody has it, nobody else gives it up */
        link_over[1] = true;
        GIVE_UP(1)
    :: else ->
#ifndef WEAK_GIVEN_UP_BEFORE_THE_SWITCH
        GIVE_UP(0);                     /* reconnect.give-up */
#endif
#ifndef WEAK_INTERRUPTED_BEFORE_THE_SWITCH
        INTERRUPT();                    /* reconnect.interrupt */
#endif
#ifndef WEAK_STARTED_BEFORE_THE_SWITCH
        atomic {                        /* reconnect.start: link.pml */
            link_started[1] = true;
#ifndef WEAK_END_BEFORE_THE_START_IS_LOST
            if
            :: link_over[1] ->
                no_successor = true;
                if
                :: !disposed -> state = LOST
                :: else
                fi;
                INTERRUPT()
            :: else
            fi
#endif
        }
#endif
    fi
}

/* The creator dies, which is noticed at once, and the client connects again. */
active proctype Reconnect() {
    bool stop, told;

    atomic { told = !link_over[0]; link_over[0] = true };
    if
    :: told -> ENDED(0, stop)
    :: else                             /* it was this side */
    fi;
    finished++
}

#ifdef DEATH
active proctype Successor() {
    bool told;

    connected || finished >= 2;
    atomic {
        told = !link_over[1] && link_started[1];
        link_over[1] = true
    };
    if
    :: told -> ENDED(1, told)
    :: else
    fi;
    finished++
}
#endif

/* Copies the latest value, twice. */
active proctype Reader() {
    byte times, from;
    bool whole;

    do
    :: times < 2 ->
        from = memory;                  /* reconnect.read */
        if
        :: from == NONE -> break        /* ObjectDisposedException */
        :: else
        fi;
        whole = !zeros[from];
#ifdef WEAK_COPY_NOT_CHECKED
        if
        :: true ->
#else
        if
        :: memory != from               /* again: the pages may have become zeros while they were copied */
        :: memory == from ->            /* reconnect.check */
#endif
            assert(whole);
            seen[from] = VERSION;       /* reconnect.seen */
            seen_version = VERSION;
            times++
        fi
    :: else -> break
    od;
    finished++
}

/* Waits until there is something that nobody has read, in the memory that is in use. */
#ifdef WEAK_SEEN_WITHOUT_EPOCH
#define UNREAD(c) (seen_version != VERSION)
#else
#ifdef WEAK_SEEN_RESET_AT_THE_SWITCH
#define UNREAD(c) (seen_version != VERSION)
#else
#define UNREAD(c) (seen[c] != VERSION)
#endif
#endif

active proctype Waiter() {
    byte before, where;
    bool over;

    do
    :: true ->
        before = interrupts;
        over = link_over[session] && no_successor;
        where = memory;
        if
        :: where == NONE -> break
        :: where != NONE && UNREAD(where) -> break
        :: else
        fi;
#ifndef WEAK_WAITS_FOR_NO_SUCCESSOR
        if
        :: over -> break
        :: else
        fi;
#endif
        /* Asleep. Both have published all that they will: nothing but an interrupt brings news. */
        if
        :: interrupts != before
        :: finished == ALL && interrupts == before ->
            /* Nothing happens any more: is there something that it should have been told? */
            assert(memory == NONE || seen[memory] == VERSION);
            assert(!(link_over[session] && no_successor));
            break
        fi
    od
}

#ifdef DISPOSE
active proctype Disposer() {
    byte last;

#ifdef WEAK_GIVEN_UP_BEFORE_THE_FLAG
    last = session;
    GIVE_UP(last);
#endif
    disposed = true;                    /* ChannelEnd: the flag, before anything else */
    atomic {                            /* reconnect.dispose */
        last = session;
        memory = NONE;
        state = DISPOSED
    };
    INTERRUPT();
    link_disposed[last] = true;
    link_over[last] = true;
#ifndef WEAK_GIVEN_UP_BEFORE_THE_FLAG
    GIVE_UP(last);
#endif
    finished++
}
#endif

init {
    finished == ALL;
    if
    :: memory == NONE ->
        assert(given_up[0] == 1);
        assert(given_up[1] == connected);
        assert(state == DISPOSED)
    :: else ->
        assert(memory == 1 && session == 1 && given_up[0] == 1 && given_up[1] == 0);
        assert(state == (link_over[1] -> LOST : CONNECTED))
    fi
}
