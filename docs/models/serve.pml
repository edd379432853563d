/*
 * A server's side of calls: a handler that outlives its client, and cancellation (src/Runtime/Channels/Call).
 *
 * The server takes a request of client A and lets a handler work on it in place, in A's lane of responses. Meanwhile A may
 * cancel the call, or go; another client, B, then comes with lanes of its own, makes a call with the same number, as first calls
 * of clients have, and is answered by nobody but its own handler.
 *
 * What has to come out: no message reaches a client that is not the answer to its own call; the memory of a connection goes once,
 * and not under a handler; a handler whose call is cancelled, or whose client is gone, before it is done learns of that.
 *
 * That a handler is counted is the rule. That addresses are not used again (arena.pml) is the net below it: either alone keeps
 * an answer from a stranger.
 *
 * Set-ups:  REUSED      addresses of lanes are used again at once
 *           UNCOUNTED   nobody counts handlers; the lane goes with the client
 *
 *   holds
 *   holds -DREUSED
 *   holds -DUNCOUNTED
 *
 *   fails -DREUSED -DUNCOUNTED
 *   fails -DWEAK_RELEASED_BY_NOBODY
 *   fails -DWEAK_RELEASED_BY_BOTH
 *   fails -DWEAK_MARK_ASKED_BEFORE_THE_TABLE
 *   fails -DWEAK_CANCEL_STOPS_WHAT_RUNS_THERE
 *   fails -DWEAK_END_STOPS_NOBODY
 *   fails -DWEAK_TAKEN_AFTER_THE_END
 */

#define A 0
#define B 1
#define NOTHING 9

/* What is mapped at an address: the lane of responses of a client, or zeros. */
#define ZEROS 8
byte at[2] = ZEROS;
byte address[2] = NOTHING;          /* where the server has mapped it */
byte next;

/* In each lane: the number of the call that a message answers, and, for the model alone, of whom it is. */
byte message[2];
byte answers[2];
byte released[2];                   /* how often the memory was given up */

#ifdef REUSED
#define TAKE_ADDRESS(c) address[c] = 0
#define CAN_CONNECT (at[0] == ZEROS)
#else
#define CAN_CONNECT true
#define TAKE_ADDRESS(c) address[c] = next; next++
#endif

inline CONNECT(c) {
    d_step {
        TAKE_ADDRESS(c);
        assert(at[address[c]] == ZEROS);    /* or the region before would be mapped over */
        at[address[c]] = c
    }
}

inline GIVE_UP(c) {
    d_step {
        released[c]++;
        if
        :: at[address[c]] == c -> at[address[c]] = ZEROS
        :: else
        fi
    }
}

/* The server's, for client A, under a lock of A's. */
bool ended;                         /* the link is over, its lane closed */
bool in_use;                        /* a handler is counted */
bool gone;                          /* the memory was given up, or whoever is last will */
byte running;                       /* the number of the call in A's place of the table */
byte cancelled;                     /* the mark: the number of the last call that was given up */
bool stopped;                       /* the handler was told */

byte done;

/* Takes a call, lets its handler work, answers. */
proctype Handler() {
    bool taken, is_last;

#ifdef WEAK_MARK_ASKED_BEFORE_THE_TABLE
    if
    :: cancelled == 1 || ended -> goto out
    :: else
    fi;
#endif
    atomic {                        /* serve.take */
#ifndef WEAK_TAKEN_AFTER_THE_END
        if
#ifdef WEAK_MARK_ASKED_BEFORE_THE_TABLE
        :: ended -> goto out
#else
        :: ended || cancelled == 1 -> goto out
#endif
        :: else
        fi;
#endif
#ifndef UNCOUNTED
        assert(!gone);
        in_use = true;              /* serve.begin */
#endif
        running = 1
    };

    /* It works, and writes its answer into the lane, wherever that is now. */
#ifndef UNCOUNTED
    assert(at[address[A]] == A);
#endif
    d_step {                        /* serve.answer */
        if
        :: at[address[A]] != ZEROS ->
            message[at[address[A]]] = 1;
            answers[at[address[A]]] = A
        :: else                     /* writes to nowhere */
        fi
    };
    atomic {                        /* serve.end */
        running = 0;
        assert(stopped == (cancelled == 1 || ended));
        in_use = false;
        is_last = gone
    };
#ifndef WEAK_RELEASED_BY_NOBODY
#ifndef UNCOUNTED
    if
    :: is_last -> GIVE_UP(A)
    :: else
    fi;
#endif
#endif
out:
    done++
}

/* A's messages and its end, as the server receives them. */
proctype EndOfA() {
    bool release;
    byte cancels;

    if
    :: cancels = 1
    :: cancels = 2                  /* of a call that had the same place in the table, and is over */
    fi;
    atomic {                        /* serve.cancel */
        cancelled = cancels;
        if
#ifdef WEAK_CANCEL_STOPS_WHAT_RUNS_THERE
        :: running != 0 -> stopped = true
#else
        :: running == cancels -> stopped = true
#endif
        :: else
        fi
    };
    atomic {                        /* serve.leave */
        ended = true;
#ifndef WEAK_END_STOPS_NOBODY
        if
        :: running != 0 -> stopped = true
        :: else
        fi;
#endif
        gone = true;
#ifdef WEAK_RELEASED_BY_BOTH
        release = true
#else
#ifdef UNCOUNTED
        release = true
#else
        release = !in_use
#endif
#endif
    };
    if
    :: release -> GIVE_UP(A)
    :: else
    fi;

    /* Another client may come now. */
    atomic { CAN_CONNECT -> CONNECT(B) };
    done++
}

/* Has sent a call with the number 1: the first message with that number is its answer. */
proctype ClientB() {
    address[B] != NOTHING;
    if
    :: message[B] == 1
    :: d_step { message[B] == 0 -> answers[B] = B; message[B] = 1 }    /* its own handler */
    fi;
    assert(answers[B] == B);
    done++
}

init {
    atomic {
        CONNECT(A);
        run Handler();
        run EndOfA();
        run ClientB()
    }

    done == 3;
    assert(released[A] == 1);
    assert(at[address[A]] != A)
}
