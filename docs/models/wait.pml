/*
 * The wait protocol: how an end that publishes wakes an end that sleeps (src/Runtime/Waiting).
 *
 * The question is whether a wake or an end can be missed. Sleepers come back by themselves every 100 ms to look at their
 * connections; that is left out here, so that a missed wake is a process that stands still for ever, which spin reports as
 * an invalid end state.
 *
 * Memory. Each thread has a store buffer. A load takes the youngest value of its own buffer, else that of memory. By
 * default buffers drain in order (x64). With ARM a plain store may drain before older stores to other words; a release store
 * waits for all older ones. Loads run in order: all of this protocol are acquiring (ldapr: not ordered behind the thread's own
 * release stores, as in a buffer). A full fence waits for the own buffer to be empty; membarrier(2) waits for
 * the buffers of the registered process too. futex(2) compares and goes to sleep in one step, and both of its
 * halves contain a full fence (the kernel's own, see "Basic futex operation and ordering guarantees" in its waitwake.c).
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
 * Each WEAK_... breaks one rule; `run` lists which set-up shows the harm.
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

byte mem[WORDS];

/* Store buffers. */
#define DEPTH 4
#define SLOT(t, k) ((t) * DEPTH + (k))
byte pending[4];
byte word_of[16];
byte value_of[16];
bool release_of[16];
byte scratch;

#define PLAIN false
#define RELEASE true

inline STORE(t, word, value, kind) {
    atomic {
        pending[t] < DEPTH ->
        word_of[SLOT(t, pending[t])] = word;
        value_of[SLOT(t, pending[t])] = value;
        release_of[SLOT(t, pending[t])] = kind;
        pending[t]++
    }
}

inline LOAD(t, word, into) {
    d_step {
        into = mem[word];
        scratch = 0;
        do
        :: scratch < pending[t] ->
            if
            :: word_of[SLOT(t, scratch)] == word -> into = value_of[SLOT(t, scratch)]
            :: else
            fi;
            scratch++
        :: else -> break
        od;
        scratch = 0
    }
}

#define FENCE(t) (pending[t] == 0)

/* A locked increment: a full fence before and after. */
inline INCREMENT(t, word, into) {
    atomic { pending[t] == 0 -> mem[word]++; into = mem[word] }
}

inline LOCK(t)   { atomic { mem[GATE] == 0 -> mem[GATE] = 1 } }
inline UNLOCK(t) { STORE(t, GATE, 0, RELEASE) }

inline DRAIN(t, k) {
    mem[word_of[SLOT(t, k)]] = value_of[SLOT(t, k)];
    scratch = k;
    do
    :: scratch + 1 < pending[t] ->
        word_of[SLOT(t, scratch)] = word_of[SLOT(t, scratch + 1)];
        value_of[SLOT(t, scratch)] = value_of[SLOT(t, scratch + 1)];
        release_of[SLOT(t, scratch)] = release_of[SLOT(t, scratch + 1)];
        scratch++
    :: else -> break
    od;
    pending[t]--;
    word_of[SLOT(t, pending[t])] = 0;
    value_of[SLOT(t, pending[t])] = 0;
    release_of[SLOT(t, pending[t])] = false;
    scratch = 0
}

#define DIFFER(t, a, b) (word_of[SLOT(t, a)] != word_of[SLOT(t, b)])
#define FIRST(t) pending[t] > 0
#define SECOND(t) pending[t] > 1 && !release_of[SLOT(t, 1)] && DIFFER(t, 1, 0)
#define THIRD(t) pending[t] > 2 && !release_of[SLOT(t, 2)] && DIFFER(t, 2, 0) && DIFFER(t, 2, 1)
#define FOURTH(t) pending[t] > 3 && !release_of[SLOT(t, 3)] && DIFFER(t, 3, 0) && DIFFER(t, 3, 1) && DIFFER(t, 3, 2)

active proctype Memory() {
end:
    do
    :: d_step { FIRST(P) -> DRAIN(P, 0) }
    :: d_step { FIRST(R) -> DRAIN(R, 0) }
    :: d_step { FIRST(I) -> DRAIN(I, 0) }
    :: d_step { FIRST(X) -> DRAIN(X, 0) }
#ifdef ARM
    :: d_step { SECOND(P) -> DRAIN(P, 1) }
    :: d_step { SECOND(R) -> DRAIN(R, 1) }
    :: d_step { SECOND(I) -> DRAIN(I, 1) }
    :: d_step { SECOND(X) -> DRAIN(X, 1) }
    :: d_step { THIRD(P) -> DRAIN(P, 2) }
    :: d_step { THIRD(R) -> DRAIN(R, 2) }
    :: d_step { THIRD(I) -> DRAIN(I, 2) }
    :: d_step { THIRD(X) -> DRAIN(X, 2) }
    :: d_step { FOURTH(P) -> DRAIN(P, 3) }
    :: d_step { FOURTH(R) -> DRAIN(R, 3) }
    :: d_step { FOURTH(I) -> DRAIN(I, 3) }
    :: d_step { FOURTH(X) -> DRAIN(X, 3) }
#endif
    od
}

/* futex(2) */
bool asleep[4];
bool on_private[4];
bool signalled;
bool publisher_ended;
bool publisher_died;

inline WAKE_BELL(t, found) {
    atomic {
        pending[t] == 0 ->
        found = asleep[R] || asleep[X];
        asleep[R] = false;
        asleep[X] = false
    }
}

inline WAKE_PRIVATE(t) {
    atomic {
        pending[t] == 0 ->
        if
        :: on_private[R] -> asleep[R] = false
        :: else
        fi
    }
}

inline SLEEP(t, bell, interrupts, slice) {
    atomic {
        pending[t] == 0 ->
        if
#ifdef WAITSET
        :: mem[BELL] == bell && mem[INTERRUPTS] == interrupts -> asleep[t] = true; on_private[t] = true
#else
        :: mem[BELL] == bell -> asleep[t] = true
#endif
        :: else
        fi
    }
    if
    :: !asleep[t]
#ifdef SIGNAL
    :: atomic { asleep[t] && !signalled -> signalled = true; asleep[t] = false }
#endif
#ifdef NOMEM
    :: asleep[t] && slice && publisher_ended && FENCE(P) -> asleep[t] = false
#endif
    fi;
    on_private[t] = false
}

/* The publisher. Private fields: */
byte last_woken;
byte futile;
bool put_off;

inline WAKE(t, parked, found, bell) {
    assert(parked != last_woken);          /* one wake for a parking */
    last_woken = parked;
#ifndef WEAK_BELL_AFTER_WAKE
#ifndef WEAK_BELL_UNCHANGED
    LOAD(t, BELL, bell);
    STORE(t, BELL, bell + 1, RELEASE);     /* step: publish.ring */
#endif
#endif
    WAKE_BELL(t, found);                   /* step: publish.wake */
#ifdef WEAK_BELL_AFTER_WAKE
    LOAD(t, BELL, bell);
    STORE(t, BELL, bell + 1, RELEASE);
#endif
    futile = (found -> 0 : 1)
}

inline RING(t, parked, found, bell) {
#ifdef FUTILE
    LOCK(t);
    if
    :: parked == last_woken || put_off
    :: else ->
        if
#ifdef WEAK_FUTILE_DROPPED
        :: futile
#else
        :: futile -> put_off = true        /* step: publish.defer */
#endif
        :: WAKE(t, parked, found, bell)
        fi
    fi;
    UNLOCK(t)
#else
    if
#ifdef WEAK_WAKE_AT_EACH_LOOK
    :: WAKE(t, parked, found, bell)
#else
    :: parked == last_woken
    :: parked != last_woken -> WAKE(t, parked, found, bell)
#endif
    fi
#endif
}

inline PUBLISH(word, value, kind) {
#ifdef WEAK_PARKED_BEFORE_STORE
    LOAD(P, PARKED, parked);
#endif
#ifdef WEAK_FLAG_BEFORE_STORE
    LOAD(P, FENCED, fenced);
#endif
    STORE(P, word, value, kind);           /* step: publish.store */
#ifdef SWITCH
#ifndef WEAK_FLAG_BEFORE_STORE
    LOAD(P, FENCED, fenced);
#endif
    if
    :: fenced -> FENCE(P)
    :: else
    fi;
    LOAD(P, LISTED, listed);
    if
    :: listed -> LOAD(P, PARKED, parked)
    :: else -> parked = 0
    fi;
#else
#ifndef ASYM
#ifndef WEAK_NO_PUBLISH_FENCE
    FENCE(P);                              /* step: publish.fence */
#endif
#endif
#ifndef WEAK_PARKED_BEFORE_STORE
    LOAD(P, PARKED, parked);               /* step: publish.look */
#endif
#endif
    if
    :: parked & 1 -> RING(P, parked, found, bell)
    :: else
    fi;
    parked = 0;
    bell = 0;
    found = false
}

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

/* The parker. */
byte sitting;
bool cancelled_by_user;

inline ANNOUNCE(t, is_parked) {
    LOAD(t, PARKED, epoch);
#ifdef WEAK_ONE_EPOCH
    STORE(t, PARKED, is_parked, RELEASE);
#else
    STORE(t, PARKED, (epoch & 254) + 2 + is_parked, RELEASE);
#endif
    epoch = 0
}

inline ENTER(t) {
#ifdef TWO
    LOCK(t);
    sitting++;
    UNLOCK(t)
#else
    skip
#endif
}

inline PARK(t) {
#ifdef TWO
    LOCK(t);
#ifdef WEAK_NEWCOMER_KEEPS_EPOCH
    LOAD(t, PARKED, epoch);
    if
    :: epoch & 1
    :: else -> ANNOUNCE(t, 1)
    fi;
    epoch = 0;
#else
    ANNOUNCE(t, 1);                        /* step: park.announce */
#endif
    UNLOCK(t)
#else
    ANNOUNCE(t, 1)
#endif
}

inline LEAVE(t) {
#ifdef TWO
    LOCK(t);
    sitting--;
#ifdef WEAK_LEAVING_CLEARS
    ANNOUNCE(t, 0);
#else
    if                                     /* step: park.leave */
    :: sitting > 0 -> ANNOUNCE(t, 1)
    :: else -> ANNOUNCE(t, 0)
    fi;
#endif
    UNLOCK(t)
#else
    ANNOUNCE(t, 0)
#endif
}

/* Whether the peer is gone or done is loaded before the data: what came before the end counts. */
inline LOOK(t) {
#ifdef WEAK_END_AFTER_DATA
    LOAD(t, DATA, data);
    LOAD(t, GONE, gone);
    LOAD(t, COMPLETE, complete);
#else
    LOAD(t, GONE, gone);
    LOAD(t, COMPLETE, complete);           /* step: complete.look */
    LOAD(t, DATA, data);                   /* step: park.look */
#endif
}

/* membarrier(2) is a fence of the caller first, then one of everybody else who has registered. */
inline BARRIER(t) {
#ifndef WEAK_NO_PARK_FENCE
    FENCE(t);                              /* step: park.fence */
#endif
#ifdef NOMEM
    if
    :: FENCE(P)
#ifdef WEAK_FAILED_BARRIER_IGNORED
    :: true
#else
    :: slice = true                        /* sleeps for a moment only */
#endif
    fi;
#else
#ifdef ASYM
#ifndef WEAK_NO_MEMBARRIER
    FENCE(P);
#endif
#endif
#endif
    skip
}

/* One wait for more than `got` messages, or the end. */
inline WAIT_FOR_MORE(t) {
    ENTER(t);
    do
    :: true ->
        data = 0;
        complete = 0;
        gone = 0;
        slice = false;
        LOAD(t, INTERRUPTS, interrupts);   /* step: park.interrupts */
        STORE(t, SEEN, interrupts, RELEASE);
#ifndef WEAK_ASLEEP_AFTER_LOOK
        STORE(t, ASLEEP_ON, 1, RELEASE);   /* step: park.asleep */
#endif
#ifndef WEAK_BELL_AFTER_LOOK
#ifndef WEAK_BELL_AFTER_ANNOUNCE
        LOAD(t, BELL, bell);               /* step: park.bell */
#endif
#endif
#ifdef WEAK_LOOK_BEFORE_ANNOUNCE
        LOOK(t);
        PARK(t);
        BARRIER(t);
#else
        PARK(t);
#ifdef WEAK_BELL_AFTER_ANNOUNCE
        LOAD(t, BELL, bell);
#endif
        BARRIER(t);
        LOOK(t);
#endif
        if
        :: data > got || complete || gone -> break
        :: else
        fi;
        LOAD(t, CANCELLED, cancelled);
        if
        :: cancelled -> break
        :: else
        fi;
#ifdef WEAK_ASLEEP_AFTER_LOOK
        STORE(t, ASLEEP_ON, 1, RELEASE);
#endif
#ifdef WEAK_INTERRUPTS_AFTER_LOOK
        LOAD(t, INTERRUPTS, interrupts);
        STORE(t, SEEN, interrupts, RELEASE);
#endif
        LOAD(t, INTERRUPTS, now);
        if
        :: now == interrupts ->
#ifdef WEAK_BELL_AFTER_LOOK
            LOAD(t, BELL, bell);
#endif
            SLEEP(t, bell, interrupts, slice)   /* step: park.sleep */
        :: else
        fi;
        now = 0;
        bell = 0;
        interrupts = 0;
        STORE(t, ASLEEP_ON, 0, RELEASE)
    od;
    STORE(t, ASLEEP_ON, 0, RELEASE);
    LEAVE(t);
    bell = 0;
    interrupts = 0
}

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
