/*
 * A client's calls: who receives the responses, and what becomes of a call that is given up (src/Runtime/Channels/Call).
 *
 * One caller at a time waits for responses on behalf of all: the receiver. That is the thread of a call, if it finds the
 * place free; when it has its own response it hands the place on to another thread that waits, else to the pump, a loop without a
 * thread, as long as somebody waits; a thread that comes takes it from the pump. A call for which there is no room is queued, and
 * whoever makes room sends it. A call that is given up stays open until its response comes, for which nobody waits any more.
 *
 * Two threads call, the server answers in any order. What has to come out: every call gets its own response, or was given up;
 * nobody waits while what he waits for is there; the server has room for each response.
 *
 * What is done under the lock of PendingCalls is one step here. Without it a thread looks whether it has become the receiver, or has
 * its response, before it waits for its event; so does the pump before it rests. A receiver looks whether its call is over, then
 * whether there is a response, and sleeps until another one is published or it is interrupted (how: wait.pml and tasks.pml).
 *
 * Set-ups:  ASYNC     the second caller is no thread but a task
 *           CANCEL    calls may be given up: 1, by the first caller; 2, by both
 *           ROUNDS    calls of each caller (2)
 *           PLACES    open calls that are allowed (2)
 *
 *   holds
 *   holds -DPLACES=1
 *   holds -DCANCEL=1
 *   holds -DCANCEL=2
 *   holds -DCANCEL=2 -DPLACES=1
 *   holds -DASYNC
 *   holds -DASYNC -DPLACES=1
 *   holds -DASYNC -DCANCEL=1 -DPLACES=1
 *   holds -DASYNC -DCANCEL=2 -DROUNDS=1
 *
 *   fails -DWEAK_PLACE_NOT_HANDED_ON
 *   fails -DWEAK_WOKEN_BEFORE_THE_HAND_OVER
 *   fails -DWEAK_EVENT_RESET_AFTER_THE_LOOK
 *   fails -DWEAK_OWNER_NOT_WOKEN
 *   fails -DPLACES=1 -DWEAK_QUEUE_NOT_SENT
 *   fails -DCANCEL=1 -DWEAK_GIVEN_UP_WITH_THE_PLACE
 *   fails -DCANCEL=1 -DWEAK_GIVEN_UP_STAYS_IN_LINE
 *   fails -DASYNC -DWEAK_PUMP_NOT_STARTED
 *   fails -DASYNC -DWEAK_PUMP_LOOKS_BEFORE_IT_IS_ARMED
 *   fails -DASYNC -DWEAK_PUMP_LEAVES_AT_ONCE
 *   fails -DASYNC -DWEAK_PUMP_RECEIVES_WITHOUT_THE_PLACE
 *   fails -DCANCEL=1 -DWEAK_ANSWER_BY_PLACE_ALONE
 *   fails -DCANCEL=1 -DWEAK_ROOM_NOT_COUNTED
 */

#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef PLACES
#define PLACES 2
#endif
#define CALLERS 2
#define OTHER(c) (1 - (c))
#define NONE 9

/* State of a call. */
#define QUEUED 1
#define SENT 2
#define DONE 3
#define GIVEN_UP 4

/* Who has the receiver's place. */
#define NOBODY 0
#define CALLER 1
#define PUMP 2

byte receiver;
byte waiting;
byte state[CALLERS];
bool is_receiver[CALLERS];
bool in_line[CALLERS];             /* a thread that waits without being the receiver */
bool event[CALLERS];
byte id[CALLERS];                  /* which call it is, for the model alone */
byte calls;

/* The table of open calls: their numbers, 0 for a free place, and who waits. */
byte number[PLACES];
byte owner[PLACES];
byte sent, taken;                  /* requests written, responses given back */

chan queue = [CALLERS] of { byte };
chan requests = [4] of { byte, byte };      /* number, which call it is */
chan responses = [PLACES] of { byte, byte };

byte published;                    /* responses, all in all: what a receiver sleeps on */
byte interrupts;
bool pump_exists, pump_armed, pump_called;
byte finished;

#if PLACES == 1
#define FREE (number[0] == 0)
#define FREE_PLACE 0
#else
#define FREE (number[0] == 0 || number[1] == 0)
#define FREE_PLACE (number[0] == 0 -> 0 : 1)
#endif

#ifdef ASYNC
#define IS_THREAD(c) (c == 0)
#else
#define IS_THREAD(c) true
#endif

#ifdef WEAK_ROOM_NOT_COUNTED
#define HAS_ROOM FREE
#else
#define HAS_ROOM (FREE && sent - taken < PLACES)
#endif

#ifdef WEAK_ANSWER_BY_PLACE_ALONE
#define NUMBER (place + 1)
#define PLACE(n) (n - 1)
#else
#define NUMBER (2 * id[c] + place)
#define PLACE(n) (n % 2)
#endif

#include "calls.inc"

/* After the lock: the pump is started, or called. */
inline FINISH() {
    if
    :: start_pump ->
        start_pump = false;
        atomic {                               /* call.pump */
            if
            :: pump_armed -> pump_armed = false; pump_called = true
            :: else
            fi;
            pump_exists = true
        }
    :: else
    fi
}

proctype Thread(byte c) {
    byte round, place, head, n, what, bell;
    bool gives_up, ends, start_pump;

    do
    :: round < ROUNDS ->
        round++;
        atomic { BEGIN(c) };
        ends = false;
        do
        :: ends -> break
        :: !ends ->
            gives_up = false;
            if
            :: is_receiver[c] ->
                bell = published;
                if
                :: state[c] == DONE
                :: else ->
                    if
                    :: len(responses) > 0
                    :: published != bell
                    fi
#ifdef CANCEL
                :: c < CANCEL -> gives_up = true
#endif
                fi
            :: !is_receiver[c] ->
#ifdef WEAK_EVENT_RESET_AFTER_THE_LOOK
                if
                :: is_receiver[c] || state[c] == DONE
                :: else ->
                    event[c] = false;
                    if
#else
                event[c] = false;              /* call.reset */
                if
                :: is_receiver[c] || state[c] == DONE
                :: else ->
                    if
#endif
                    :: event[c]
#ifdef CANCEL
                    :: c < CANCEL -> gives_up = true
#endif
                    fi
                fi
            fi;
#ifdef WEAK_WOKEN_BEFORE_THE_HAND_OVER
            event[OTHER(c)] = true;
#endif
            atomic {
                if
                :: is_receiver[c] -> RECEIVE(); SEND_QUEUED()
                :: else
                fi;
                if
                :: gives_up && state[c] != DONE -> ABANDON(c)
                :: else
                fi;
                ends = state[c] == DONE || state[c] == GIVEN_UP;
                if
#ifdef WEAK_GIVEN_UP_WITH_THE_PLACE
                :: state[c] == GIVEN_UP
#endif
#ifdef WEAK_GIVEN_UP_STAYS_IN_LINE
                :: state[c] == GIVEN_UP && in_line[c]
                :: ends && !(state[c] == GIVEN_UP && in_line[c]) -> LEAVE_PLACE(c)
#else
                :: ends -> LEAVE_PLACE(c)
#endif
                :: else
                fi
            };
            FINISH()
        od
    :: else -> break
    od;
    finished++
}

#ifdef ASYNC
/* Calls without a thread: whoever receives completes it. */
proctype Task(byte c) {
    byte round, place, head, n, what;
    bool start_pump;

    do
    :: round < ROUNDS ->
        round++;
        atomic { BEGIN(c) };
        if
        :: is_receiver[c] ->                   /* for a while: the response may be here before a pump is */
            atomic { RECEIVE(); SEND_QUEUED(); LEAVE_PLACE(c) };
            FINISH()
        :: else
        fi;
        if
        :: state[c] == DONE
#ifdef CANCEL
        :: atomic { c < CANCEL && state[c] != DONE -> ABANDON(c) };   /* call.expire */
            interrupts++
#endif
        fi
    :: else -> break
    od;
    finished++
}

active proctype Pump() {
    byte place, head, n, what, bell, before;

endless:
    do
    :: pump_exists ->
#ifdef WEAK_PUMP_LOOKS_BEFORE_IT_IS_ARMED
        if
        :: receiver == PUMP
        :: else ->
            pump_called = false;
            pump_armed = true;
#else
        pump_called = false;
        pump_armed = true;                     /* call.arm */
        if
        :: receiver == PUMP -> pump_armed = false
        :: else ->
#endif
end_rest:
            pump_called
        fi;
        do
        :: receiver == PUMP ->
            bell = published;
            before = interrupts;
            if
            :: waiting == 0 || receiver != PUMP
            :: else ->
                if
                :: len(responses) > 0
                :: published != bell || interrupts != before
                fi
            fi;
            atomic {
                if
#ifdef WEAK_PUMP_RECEIVES_WITHOUT_THE_PLACE
                :: true -> RECEIVE(); SEND_QUEUED()
#else
                :: receiver == PUMP -> RECEIVE(); SEND_QUEUED()   /* call.pump-receive */
                :: else
#endif
                fi;
                if
#ifdef WEAK_PUMP_LEAVES_AT_ONCE
                :: receiver == PUMP -> receiver = NOBODY
                :: else
#else
                :: receiver == PUMP && waiting == 0 -> receiver = NOBODY   /* call.rest */
                :: else
#endif
                fi
            }
        :: else -> break
        od
    od
}
#endif

/* Two of them, so that calls are answered in any order. */
active [2] proctype Server() {
    byte n, what;

endless:
    do
    :: requests?n, what ->
        assert(nfull(responses));
        atomic { responses!n, what; published++ };
        n = 0;
        what = 0
    od
}

init {
    atomic {
        run Thread(0);
#ifdef ASYNC
        run Task(1)
#else
        run Thread(1)
#endif
    }

    finished == CALLERS;
    assert(waiting == 0)
}
