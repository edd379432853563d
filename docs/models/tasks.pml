/*
 * A task that waits without a thread, beside whoever publishes, interrupts and cancels (src/Runtime/Waiting: Wait.ForAsync,
 * TaskWaiter).
 *
 * A task parks as a thread does (wait.pml), but is woken by a byte on the connection's socket. The receiving side of the
 * connection takes the byte and interrupts all waiters that are registered with the end; an interrupt counts, then takes
 * the waiter's state back from armed to idle, and who succeeds in that completes the task's pulse. The waiter object is used again by
 * the next wait, so a pulse must be completed once for each time that it is armed, and never after it was reset.
 *
 * What has to come out: no message is missed, and no pulse is completed twice.
 *
 * Memory: store-buffers.inc.
 *
 * Set-ups:  ARM, ASYM   as in wait.pml
 *           CANCEL      two others interrupt the wait, to cancel it
 *           NOISE       two others interrupt the wait for no reason of its own
 *           REST        who publishes interrupts the waiter itself: nobody parks, as when the pump of a client of calls rests
 *           MESSAGES    how many there are (2)
 *
 *   holds
 *   holds -DARM
 *   holds -DASYM -DARM
 *   holds -DCANCEL -DMESSAGES=1
 *   holds -DCANCEL -DASYM -DARM -DMESSAGES=1
 *   holds -DNOISE -DARM
 *   holds -DREST -DARM
 *
 *   fails -DWEAK_ARMED_AFTER_THE_LOOK
 *   fails -DREST -DWEAK_ARMED_BY_RELEASE
 *   fails -DCANCEL -DMESSAGES=1 -DWEAK_PULSE_NOT_TAKEN_BACK
 *   fails -DNOISE -DWEAK_DISARMED_WITHOUT_WAITING
 *   fails -DWEAK_REGISTERED_AFTER_THE_LOOK
 *   fails -DWEAK_BYTE_BEFORE_THE_STORE
 *   fails -DWEAK_NO_PARK_FENCE
 *   fails -DASYM -DWEAK_NO_MEMBARRIER
 *   fails -DWEAK_PARKED_ONCE
 */

#ifndef MESSAGES
#define MESSAGES 2
#endif

/* Threads: the publisher, the task, the receiving side of its connection, and who cancels. */
#define P 0
#define R 1
#define I 2
#define X 3

/* Words. */
#define DATA 0
#define PARKED 1      /* bit 0: a task waits for a byte; the rest counts parkings */
#define STATE 2       /* TaskWaiter._state: 1 if armed */
#define CANCELLED 3
#define GATE 4
#define REGISTERED 5  /* under the gate: whether interrupts of the end reach the waiter */
#define WORDS 6

#include "store-buffers.inc"

byte bytes;           /* in the socket */
bool pulse;
bool task_ended;

/* A locked exchange: a full fence before and after. */
inline EXCHANGE(t, word, value, into) {
    atomic { pending[t] == 0 -> into = mem[word]; mem[word] = value }
}

inline COMPLETE_PULSE() {
    assert(!pulse);
    pulse = true
}

/* TaskWaiter.Interrupt. */
inline INTERRUPT(t, was) {
#ifdef WEAK_PULSE_NOT_TAKEN_BACK
    LOAD(t, STATE, was);
    if
    :: was -> COMPLETE_PULSE(); STORE(t, STATE, 0, RELEASE)
    :: else
    fi;
#else
    EXCHANGE(t, STATE, 0, was);               /* task.interrupt */
    if
    :: was -> COMPLETE_PULSE()
    :: else
    fi;
#endif
    was = 0
}

/* WaitSource.Interrupt. */
inline INTERRUPT_ALL(t, was, registered) {
    LOCK(t);
    LOAD(t, REGISTERED, registered);
    if
    :: registered -> INTERRUPT(t, was)
    :: else
    fi;
    registered = 0;
    UNLOCK(t)
}

active proctype Publisher() {
    byte message, parked, last_woken, was;

    do
    :: message < MESSAGES ->
        message++;
#ifdef WEAK_BYTE_BEFORE_THE_STORE
        LOAD(P, PARKED, parked);
#endif
        STORE(P, DATA, message, RELEASE);
#ifdef REST
        INTERRUPT(P, was)
#else
#ifndef ASYM
        FENCE(P);
#endif
#ifndef WEAK_BYTE_BEFORE_THE_STORE
        LOAD(P, PARKED, parked);
#endif
        if
        :: (parked & 1) && parked != last_woken ->
            last_woken = parked;
            atomic { FENCE(P) -> bytes++ }     /* send(2) */
        :: else
        fi;
        parked = 0
#endif
    :: else -> break
    od
}

/* SocketLink: a byte came. */
active proctype Receiver() {
    byte was, registered;

    do
    :: bytes > 0 ->
        bytes--;
        INTERRUPT_ALL(I, was, registered)
    :: task_ended -> break
    od
}

#ifdef CANCEL
#define INTERRUPTERS
#endif
#ifdef NOISE
#define INTERRUPTERS
#endif

#ifdef INTERRUPTERS
/* Two of them, with full fences before and after each step. */
active [2] proctype Interrupter() {
    byte was;

#ifdef CANCEL
    mem[CANCELLED] = 1;
#endif
    INTERRUPT(X, was)
}
#endif

inline REGISTER(t, is) {
    LOCK(t);
    STORE(t, REGISTERED, is, RELEASE);
    UNLOCK(t)
}

inline ANNOUNCE(t, is_parked) {
    LOAD(t, PARKED, epoch);
    STORE(t, PARKED, (epoch & 254) + 2 + is_parked, RELEASE);
    epoch = 0
}

inline ARM_PULSE() {
    pulse = false;
#ifdef WEAK_ARMED_BY_RELEASE
    STORE(R, STATE, 1, RELEASE)
#else
    EXCHANGE(R, STATE, 1, was)                /* task.arm */
#endif
}

inline LOOK() {
    LOAD(R, CANCELLED, cancelled);
    LOAD(R, DATA, data)
}

active proctype Task() {
    byte got, data, cancelled, was, epoch;

    do
    :: got < MESSAGES && !cancelled ->
#ifndef WEAK_REGISTERED_AFTER_THE_LOOK
        REGISTER(R, 1);                       /* task.register */
#endif
#ifdef WEAK_PARKED_ONCE
        ANNOUNCE(R, 1);
#endif
        do
        :: true ->
#ifndef WEAK_ARMED_AFTER_THE_LOOK
            ARM_PULSE();
#endif
#ifndef REST
#ifndef WEAK_PARKED_ONCE
            ANNOUNCE(R, 1);
#endif
#ifndef WEAK_NO_PARK_FENCE
            FENCE(R);
#endif
#ifdef ASYM
#ifndef WEAK_NO_MEMBARRIER
            FENCE(P);
#endif
#endif
#endif
            LOOK();
#ifdef WEAK_REGISTERED_AFTER_THE_LOOK
            REGISTER(R, 1);
#endif
#ifdef WEAK_ARMED_AFTER_THE_LOOK
            ARM_PULSE();
#endif
            if
            :: data > got || cancelled ->
                /* In place of a sleep: unless somebody is just completing the pulse, which is then awaited. */
                EXCHANGE(R, STATE, 0, was);   /* task.disarm */
#ifndef WEAK_DISARMED_WITHOUT_WAITING
                if
                :: was
                :: else -> pulse
                fi;
#endif
                break
            :: else -> pulse                  /* task.sleep */
            fi;
            LOOK();
            if
            :: data > got || cancelled -> break
            :: else
            fi
        od;
#ifndef REST
        ANNOUNCE(R, 0);
#endif
        REGISTER(R, 0);
        if
        :: data > got -> got = data
        :: else
        fi
    :: else -> break
    od;
    assert(cancelled || got == MESSAGES);
    task_ended = true
}
