/*
 * Who is in, and who gives the memory up: ExclusiveUse (src/Runtime/Rings).
 *
 * A user says that it is in, then asks whether the end was closed; whoever closes says so, then asks whether somebody is in. The users
 * have no fence: a barrier for the whole process, at the close, is one for them too. The memory has to be given up in the end, and not
 * while somebody is in, nor while a store of somebody who was in is still on its way.
 *
 * Memory: store-buffers.inc. The barrier (MemoryBarrierProcessWide) waits for the buffers of all threads of the process.
 *
 * Set-ups:  ARM       see store-buffers.inc
 *           EXACT     two threads use the end, against the rule, and the check is exact: one of them at most is in
 *           CLOSERS   how many threads close it (1)
 *           ROUNDS    how often a user comes (2)
 *           OTHER     who comes asks another word than the one that says that it was closed: one that is asked for other reasons too,
 *                     the limit of a lane or the plain lane of a queue, and that leads to the first one
 * Each WEAK_... breaks one rule. `run` makes these checks:
 *
 *   holds
 *   holds -DARM
 *   holds -DARM -DCLOSERS=2
 *   holds -DARM -DEXACT -DROUNDS=1
 *   holds -DARM -DEXACT -DROUNDS=1 -DCLOSERS=2
 *   holds -DOTHER
 *   holds -DARM -DOTHER -DCLOSERS=2
 *
 *   fails -DWEAK_NO_BARRIER
 *   fails -DEXACT -DROUNDS=1 -DWEAK_NO_BARRIER
 *   fails -DWEAK_ASKS_BEFORE_IT_ENTERS
 *   fails -DARM -DWEAK_LEAVES_PLAINLY
 *   fails -DARM -DEXACT -DROUNDS=1 -DWEAK_LEAVES_PLAINLY
 *   fails -DWEAK_LEAVES_WITHOUT_ASKING
 *   fails -DWEAK_CLOSER_ASKS_NOT
 *   fails -DWEAK_TURNED_AWAY_ASKS_NOT
 *   fails -DEXACT -DROUNDS=1 -DWEAK_CHECK_NOT_INTERLOCKED
 *   fails -DOTHER -DWEAK_NO_BARRIER
 *   fails -DOTHER -DWEAK_OTHER_AFTERWARDS
 */
#define P 0
#define R 1
#define I 2
#define X 3

#define IN_USE 0
#define CLOSED 1
#define USERS 2
#define DATA 3
#define GATE 4
#define NOTED 5
#define WORDS 6

#ifndef CLOSERS
#define CLOSERS 1
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif

#include "store-buffers.inc"

#ifdef EXACT
#define COUNTED USERS
#else
#define COUNTED IN_USE
#endif

byte inside;
byte done;
bool gone;

#define HAS_DATA(t) ((pending[t] > 0 && word_of[SLOT(t, 0)] == DATA) || (pending[t] > 1 && word_of[SLOT(t, 1)] == DATA) || \
    (pending[t] > 2 && word_of[SLOT(t, 2)] == DATA) || (pending[t] > 3 && word_of[SLOT(t, 3)] == DATA))

/* Any number of times. The kernel takes the memory away after what this thread itself has stored. */
inline GIVE_UP(t) {
    atomic {
        assert(inside == 0 && (t == P || !HAS_DATA(P)) && (t == X || !HAS_DATA(X)));
        gone = true
    }
}

/* Whether it was closed, and nobody is in. */
inline ASK(t) {
    LOAD(t, CLOSED, seen);
    if
    :: seen == 0
    :: else ->
        LOAD(t, COUNTED, seen);
        if
        :: seen == 0 -> GIVE_UP(t)
        :: else
        fi
    fi;
    seen = 0
}

#ifdef WEAK_LEAVES_PLAINLY
#define LEAVING PLAIN
#else
#define LEAVING RELEASE
#endif

inline LEAVE(t) {
    atomic { inside--; STORE(t, IN_USE, 0, LEAVING) };              /* step: exclusive.leave */
#ifdef EXACT
    STORE(t, USERS, 0, LEAVING);
#endif
#ifndef WEAK_LEAVES_WITHOUT_ASKING
    ASK(t)                                                          /* step: exclusive.last */
#endif
}

inline USE(t) {
    atomic {
        inside++;
        assert(!gone && inside == 1)
    };
    STORE(t, DATA, 1, PLAIN);
    LEAVE(t)
}

/* Nobody comes in who has found it closed; it may be up to him to give the memory up. */
inline TURN_AWAY(t) {
    STORE(t, IN_USE, 0, RELEASE);
#ifdef EXACT
    STORE(t, USERS, 0, RELEASE);
#endif
#ifndef WEAK_TURNED_AWAY_ASKS_NOT
    ASK(t)
#endif
}

#ifdef EXACT
/* step: exclusive.exact */
inline TAKE(t) {
#ifdef WEAK_CHECK_NOT_INTERLOCKED
    LOAD(t, USERS, taken);
    if
    :: taken == 0 -> STORE(t, USERS, 1, RELEASE)
    :: else
    fi
#else
    atomic {
        pending[t] == 0 ->
        taken = mem[USERS];
        mem[USERS] = 1
    }
#endif
}
#endif

inline COME(t) {
#ifdef WEAK_ASKS_BEFORE_IT_ENTERS
    LOAD(t, CLOSED, closed);
    STORE(t, IN_USE, 1, RELEASE);
#else
    STORE(t, IN_USE, 1, RELEASE);                                   /* step: exclusive.enter */
#ifdef EXACT
    TAKE(t);
    if
    :: taken == 1 -> taken = 0; closed = 0; goto turned_away
    :: else
    fi;
    STORE(t, IN_USE, 1, RELEASE);
#endif
#ifdef OTHER
    LOAD(t, NOTED, closed);                                         /* step: lane.look, merger.look */
    if
    :: closed == 1 -> LOAD(t, CLOSED, closed)
    :: else
    fi;
#else
    LOAD(t, CLOSED, closed);                                        /* step: exclusive.look */
#endif
#endif
    if
    :: closed == 1 -> closed = 0; TURN_AWAY(t); goto over
    :: else -> USE(t)
    fi
}

proctype User(byte t) {
    byte round, closed, taken, seen;
    do
    :: round < ROUNDS ->
        COME(t);
turned_away:
        round++
    :: else -> break
    od;
over:
    round = 0;
    done++
}

proctype Closer(byte t) {
    byte seen;
#if defined(OTHER) && !defined(WEAK_OTHER_AFTERWARDS)
    STORE(t, NOTED, 1, RELEASE);                                    /* step: inbox.close */
#endif
    atomic { pending[t] == 0 -> mem[CLOSED] = 1 };                  /* step: exclusive.close */
#ifdef WEAK_OTHER_AFTERWARDS
    STORE(t, NOTED, 1, RELEASE);
    FENCE(t);
#endif
#ifndef WEAK_NO_BARRIER
    FENCE(P);                                                       /* step: exclusive.barrier */
    FENCE(X);
#endif
#ifndef WEAK_CLOSER_ASKS_NOT
    ASK(t);
#endif
    done++
}

#ifdef EXACT
#define ALL (CLOSERS + 2)
#else
#define ALL (CLOSERS + 1)
#endif

init {
    atomic {
        run User(P);
#ifdef EXACT
        run User(X);
#endif
        run Closer(I);
#if CLOSERS > 1
        run Closer(R);
#endif
    }
    done == ALL && FENCE(P) && FENCE(X) && FENCE(I) && FENCE(R);
    assert(gone)
}
