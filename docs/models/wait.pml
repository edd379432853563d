/*
 * The wait protocol: how an end that publishes wakes an end that sleeps (src/Runtime/Waiting).
 *
 * The question is whether a wake or an end can be missed. Sleepers come back by themselves every 100 ms to look at their
 * connections; that is left out here, so that a missed wake is a process that stands still for ever, which spin reports as
 * an invalid end state.
 *
 * Memory: store-buffers.inc. membarrier(2) waits for the buffers of the registered process too. futex(2) compares and goes
 * to sleep in one step, and both of its halves contain a full fence (the kernel's own, see "Basic futex operation and
 * ordering guarantees" in its waitwake.c).
 *
 * Set-ups:  ARM       see above
 *           ASYM      the parker issues membarrier, the publisher has no fence; else both fence
 *           WAITSET   the parker sleeps on the bell and on its private word (futex_waitv); else on the bell alone
 *           CANCEL    the wait is cancelled at some time, and the publisher may fall silent at any
 *           DEATH     the publisher may be killed after any step
 *           FUTILE    wakes that find nobody are put off (from the first one on; 64 in the code)
 *           TWO       two threads wait at the same end
 *           SWITCH    a parker that needs a fenced publisher joins while that one publishes without fences
 *           NOMEM     membarrier may fail, for want of memory; the parker then sleeps for a moment only
 *           SIGNAL    a sleeper may come back for no reason, once (twice as many states)
 *           MESSAGES  how many there are (2)
 * Each WEAK_... breaks one rule. `run` makes these checks:
 *
 *   holds
 *   holds -DARM
 *   holds -DSIGNAL
 *   holds -DASYM
 *   holds -DASYM -DARM -DSIGNAL
 *   holds -DASYM -DARM -DWAITSET
 *   holds -DCANCEL -DARM -DMESSAGES=1
 *   holds -DCANCEL -DASYM -DARM -DMESSAGES=1
 *   holds -DCANCEL -DASYM -DARM -DMESSAGES=1 -DWAITSET
 *   holds -DDEATH -DARM -DMESSAGES=1
 *   holds -DDEATH -DASYM -DARM -DMESSAGES=1
 *   holds -DDEATH -DASYM -DARM -DMESSAGES=1 -DWAITSET
 *   holds -DFUTILE -DARM
 *   holds -DFUTILE -DASYM -DARM
 *   holds -DTWO -DARM
 *   holds -DTWO -DASYM -DARM
 *   holds -DSWITCH -DARM
 *   holds -DNOMEM -DASYM -DARM
 *
 *   fails -DWEAK_NO_PUBLISH_FENCE
 *   fails -DWEAK_NO_PARK_FENCE
 *   fails -DASYM -DWEAK_NO_PARK_FENCE
 *   fails -DASYM -DWEAK_NO_MEMBARRIER
 *   fails -DWEAK_PARKED_BEFORE_STORE
 *   fails -DWEAK_LOOK_BEFORE_ANNOUNCE
 *   fails -DWEAK_BELL_AFTER_ANNOUNCE
 *   fails -DWEAK_BELL_AFTER_LOOK
 *   fails -DASYM -DWEAK_BELL_AFTER_LOOK
 *   fails -DWEAK_BELL_AFTER_WAKE
 *   fails -DWEAK_BELL_UNCHANGED
 *   fails -DWEAK_ONE_EPOCH
 *   fails -DWEAK_WAKE_AT_EACH_LOOK
 *   fails -DWEAK_END_AFTER_DATA
 *   fails -DASYM -DARM -DWEAK_COMPLETE_PLAIN
 *   fails -DFUTILE -DWEAK_FUTILE_DROPPED
 *   fails -DTWO -DWEAK_NEWCOMER_KEEPS_EPOCH
 *   fails -DTWO -DWEAK_LEAVING_CLEARS
 *   fails -DSWITCH -DWEAK_SWITCH_NO_BARRIER
 *   fails -DSWITCH -DWEAK_FLAG_BEFORE_STORE
 *   fails -DNOMEM -DASYM -DWEAK_FAILED_BARRIER_IGNORED
 *   fails -DCANCEL -DMESSAGES=1 -DWEAK_INTERRUPT_NOT_COUNTED
 *   fails -DCANCEL -DMESSAGES=1 -DWAITSET -DWEAK_INTERRUPT_NOT_COUNTED
 *   fails -DCANCEL -DMESSAGES=1 -DWEAK_INTERRUPT_NOT_FENCED
 *   fails -DCANCEL -DMESSAGES=1 -DWEAK_INTERRUPT_WAKES_ONCE
 *   fails -DCANCEL -DMESSAGES=1 -DWAITSET -DWEAK_INTERRUPTS_AFTER_LOOK
 *   fails -DCANCEL -DMESSAGES=1 -DWEAK_ASLEEP_AFTER_LOOK
 *   fails -DDEATH -DMESSAGES=1 -DWEAK_INTERRUPT_NOT_COUNTED
 *   fails -DDEATH -DMESSAGES=1 -DWEAK_INTERRUPT_WAKES_ONCE
 */

#ifndef MESSAGES
#define MESSAGES 2
#endif

/* Threads. The fourth one's part depends on the set-up. */
#define P 0
#define R 1
#define I 2
#define X 3

/* Words. */
#define DATA 0        /* how many messages are published */
#define COMPLETE 1
#define PARKED 2      /* bit 0: somebody sleeps; the rest counts parkings */
#define BELL 3
#define INTERRUPTS 4  /* private to the parker's process, as are the next four */
#define SEEN 5
#define ASLEEP_ON 6
#define CANCELLED 7
#define GONE 8
#define GATE 9        /* lock of Parking, or of Doorbell */
#define FENCED 10     /* private to the publisher's process, as is the next */
#define LISTED 11
#define WELCOME 12    /* the handshake */
#define WORDS 13

#include "store-buffers.inc"
#include "wait-publisher.inc"
#include "wait-parker.inc"

active proctype Publisher() {
    byte parked, bell, fenced, listed, message;
    bool found;

#ifdef DEATH
    {
#endif
    do
    :: message < MESSAGES ->
        message++;
        PUBLISH(DATA, message, RELEASE)
    :: else -> break
#ifdef CANCEL
    :: true -> goto silent
#endif
    od;
#ifndef TWO
#ifdef WEAK_COMPLETE_PLAIN
    STORE(P, COMPLETE, 1, PLAIN);
    FENCE(P);
    LOAD(P, PARKED, parked);
    if
    :: parked & 1 -> RING(P, parked, found, bell)
    :: else
    fi;
#else
    PUBLISH(COMPLETE, 1, RELEASE);         /* step: complete.store */
#endif
#endif
    skip
#ifdef DEATH
    } unless { publisher_died };
#endif
#ifdef CANCEL
silent:
#endif
    publisher_ended = true
}

#ifdef FUTILE
active proctype Timer() {
    byte parked, bell;
    bool found;

    do
    :: put_off ->
        LOCK(X);
        put_off = false;
        LOAD(X, PARKED, parked);           /* step: publish.late */
        if
        :: (parked & 1) && parked != last_woken -> WAKE(X, parked, found, bell)
        :: else
        fi;
        UNLOCK(X);
        parked = 0;
        bell = 0;
        found = false
    :: publisher_ended && !put_off -> break
    od
}
#endif

active proctype Reader() {
    byte got, data, complete, gone, cancelled, bell, interrupts, now, epoch;
    bool slice;

#ifdef SWITCH
    mem[WELCOME] == 1;
#endif
    do
    :: true ->
        WAIT_FOR_MORE(R);
        if
        :: data > got -> got = data        /* publish.store is seen */
        :: else -> break
        fi;
#ifdef TWO
        break
#endif
    od;

    /* Nothing that was published before the end is missed, and the wait ends for a reason. */
    if
    :: cancelled -> assert(cancelled_by_user)
    :: else ->
#ifdef TWO
        assert(got >= 1)
#else
        if
        :: complete -> assert(got == MESSAGES)
        :: else -> assert(gone && publisher_died && got == mem[DATA])
        fi
#endif
    fi
}

#ifdef TWO
/* A second thread of the same end, which waits for the last message. */
active proctype OtherReader() {
    byte got, data, complete, gone, cancelled, bell, interrupts, now, epoch;
    bool slice;

    got = MESSAGES - 1;
    WAIT_FOR_MORE(X);
    assert(data == MESSAGES)
}
#endif

#ifdef CANCEL
#define INTERRUPTER
#endif
#ifdef DEATH
#define INTERRUPTER
#endif

#ifdef INTERRUPTER
/* Cancels, or notices that the peer is gone: a thread of the parker's process. */
active proctype Interrupter() {
    byte mine, is_asleep, seen;
    bool found;

#ifdef DEATH
    if
    :: publisher_ended                     /* it lived to the end: nothing to notice */
    :: !publisher_ended ->
        publisher_died = true;
        FENCE(P);                          /* the kernel hangs up when it has left its processor */
        STORE(I, GONE, 1, RELEASE);
#else
        cancelled_by_user = true;
        STORE(I, CANCELLED, 1, RELEASE);
#endif
#ifdef WEAK_INTERRUPT_NOT_COUNTED
        LOAD(I, INTERRUPTS, mine);
        mine = mine + 1;
#else
#ifdef WEAK_INTERRUPT_NOT_FENCED
        LOAD(I, INTERRUPTS, mine);
        mine = mine + 1;
        STORE(I, INTERRUPTS, mine, RELEASE);
#else
        INCREMENT(I, INTERRUPTS, mine);    /* step: interrupt.count */
#endif
#endif
#ifdef WAITSET
        WAKE_PRIVATE(I);
#else
#ifdef WEAK_INTERRUPT_WAKES_ONCE
        WAKE_BELL(I, found);
#else
        do
        :: true ->
            LOAD(I, ASLEEP_ON, is_asleep);
            LOAD(I, SEEN, seen);
            if
            :: is_asleep && seen < mine -> WAKE_BELL(I, found)   /* step: interrupt.wake */
            :: else -> break
            fi
        od;
#endif
#endif
        skip
#ifdef DEATH
    fi
#endif
}
#endif

#ifdef SWITCH
/* The publisher's host lets a fenced peer in. */
active proctype Host() {
    STORE(X, FENCED, 1, RELEASE);
    STORE(X, LISTED, 1, RELEASE);          /* step: switch.fence */
#ifndef WEAK_SWITCH_NO_BARRIER
    FENCE(X);
    FENCE(P);                              /* step: switch.barrier */
#endif
    STORE(X, WELCOME, 1, RELEASE)          /* step: switch.welcome */
}
#endif
