/*
 * The beginning and the end of a link, and who is told (src/Runtime/Transport/Links, src/Runtime/Ends).
 *
 * Two clients are in the last step of the handshake with one host, which has room for one. Each of them hangs up at some
 * time; whoever sees that first ends the link: its receiving side, once it is started, or a waiter of the host, as soon as
 * the link is among the host's members. The host may be disposed at any time.
 *
 * What has to come out, whatever comes first:
 *   - who was let in and is gone is no member any more, and nobody listens to its words;
 *   - the handler is told of the end of each link that was let in, once, while the words of the link are still there
 *     (unless this side itself disposed it before it was started: then they may be zeros);
 *   - nobody is let in beyond the limit, or after the host was disposed;
 *   - the words and the memory that a client brought are released, whether it was let in or refused.
 *
 * Everything here is done under locks or by interlocked operations, which are full fences, so no store buffers.
 *
 * Set-ups:  DISPOSE   the host is disposed at some time
 *           PAIR      both ends are in one process, where the other one's hang-up ends a link even before it is started
 *
 *   holds
 *   holds -DPAIR
 *   holds -DDISPOSE
 *
 *   fails -DWEAK_HANDLER_STORED_PLAINLY
 *   fails -DWEAK_TOLD_BY_BOTH
 *   fails -DWEAK_REFUSED_AFTER_THE_CHANGE
 *   fails -DWEAK_ASKED_OUTSIDE_THE_LOCK
 *   fails -DDISPOSE -DWEAK_DISPOSED_NOT_ASKED
 *   fails -DWEAK_COUNTED_AS_JOINED
 *   fails -DPAIR -DWEAK_END_ALONE_RELEASES
 *   fails -DPAIR -DWEAK_DISPOSE_ALONE_RELEASES
 *   fails -DWEAK_WORDS_BEFORE_THE_END_IS_TOLD
 */

#define N 2
#define LIMIT 1

/* Link._handler: nobody yet, the host, or the mark that the link had ended before it was started. */
#define NOBODY 0
#define HOST 1
#define ENDED 2

byte handler[N];
bool over[N];                /* Link._state */
bool disposed_link[N];
bool words[N];               /* whether the control words are there */
bool listening[N];           /* the receiving side has begun */
byte told[N];                /* how often the handler was told of the end */
bool hung_up[N];             /* the client's doing */

/* The host's, under its gate. */
bool gate;
bool member[N];
bool listener[N];            /* Publisher, WaitSource */
bool joined[N];
bool memory[N];              /* what the client brought along: a lane */
bool disposed;
bool left;                   /* Leave has taken the list of those it hangs up on */

byte handshakes;             /* that are over */
byte receivers;
byte others;

inline ENTER() { atomic { !gate -> gate = true } }
inline LEAVE() { gate = false }

inline RELEASE_WORDS(i) { words[i] = false }

/* ChannelHost.Ended, and what the link does after it. */
inline TELL_END(i) {
#ifdef WEAK_WORDS_BEFORE_THE_END_IS_TOLD
    RELEASE_WORDS(i);
#endif
    assert(words[i] || disposed_link[i]);
    ENTER();
    told[i]++;
    if
    :: member[i] ->
        member[i] = false;
        listener[i] = false;
        memory[i] = false                  /* given up: by now or once what is in use has been given back */
    :: else
    fi;
    LEAVE();
    RELEASE_WORDS(i)
}

/* Link.End: only the first call does anything. */
inline END(i, was, found) {
    d_step { was = over[i]; over[i] = true };
    if
    :: was
    :: else ->
#ifdef WEAK_HANDLER_STORED_PLAINLY
        found = handler[i];                /* nobody is told if nobody is there yet */
#else
        d_step {                           /* link.end */
            found = handler[i];
            if
            :: found == NOBODY -> handler[i] = ENDED
            :: else
            fi
        };
#endif
        if
        :: found == HOST -> TELL_END(i)
#ifndef WEAK_DISPOSE_ALONE_RELEASES
        :: found == NOBODY && disposed_link[i] -> RELEASE_WORDS(i)
#endif
        :: else
        fi
    fi;
    found = NOBODY;
    was = false
}

/* Link.Start. */
inline START(i, found) {
#ifdef WEAK_HANDLER_STORED_PLAINLY
    handler[i] = HOST;
    listening[i] = true;
#else
#ifdef WEAK_TOLD_BY_BOTH
    handler[i] = HOST;                     /* then looks whether it had ended, without a swap that only one of the two wins */
    if
    :: over[i] -> TELL_END(i)
    :: else
    fi;
    listening[i] = true;
#else
    d_step {                               /* link.start */
        found = handler[i];
        if
        :: found == NOBODY -> handler[i] = HOST
        :: else
        fi
    };
    if
    :: found == NOBODY -> listening[i] = true
    :: else -> TELL_END(i)
    fi;
#endif
#endif
    found = NOBODY
}

/* Link.Dispose. */
inline DISPOSE_LINK(i, was, found) {
    disposed_link[i] = true;               /* link.disposed */
    END(i, was, found);
#ifndef WEAK_END_ALONE_RELEASES
    if                                     /* link.unstarted */
    :: handler[i] == ENDED -> RELEASE_WORDS(i)
    :: else
    fi;
#endif
    skip
}

#define COUNT (member[0] + member[1])

/* The server's side of the handshake, from the Attach on: HostAdmission.Join, then Link.Start. */
proctype Handshake(byte i) {
    bool was, is_joined;
    byte found;

    words[i] = true;
    memory[i] = true;
#ifdef WEAK_ASKED_OUTSIDE_THE_LOCK
    if
    :: COUNT >= LIMIT -> goto refused
    :: else
    fi;
#endif
    ENTER();
#ifndef WEAK_DISPOSED_NOT_ASKED
    if                                     /* join.ask */
    :: disposed -> LEAVE(); goto refused
    :: else
    fi;
#endif
#ifdef WEAK_REFUSED_AFTER_THE_CHANGE
    member[i] = true;
    listener[i] = true;
    if
    :: COUNT > LIMIT -> LEAVE(); goto refused
    :: else
    fi;
#else
#ifndef WEAK_ASKED_OUTSIDE_THE_LOCK
#ifdef WEAK_COUNTED_AS_JOINED
    is_joined = true;                      /* what is asked next may refuse */
#endif
    if
    :: COUNT >= LIMIT -> LEAVE(); goto refused
    :: else
    fi;
#endif
    assert(COUNT < LIMIT);
    member[i] = true;                      /* join.change */
    listener[i] = true;
#endif
    is_joined = true;
    joined[i] = true;
    assert(!left);
    LEAVE();
    START(i, found);
    goto done;
refused:
    DISPOSE_LINK(i, was, found);
    if                                     /* Admission.Dispose: what it was to bring along is not the host's */
    :: !is_joined -> memory[i] = false
    :: else
    fi;
done:
    handshakes++
}

/* A client, which hangs up, and the receiving side of its link, which finds that. */
proctype Receiver(byte i) {
    bool was;
    byte found;

    hung_up[i] = true;
    do
#ifdef PAIR
    :: words[i] -> END(i, was, found); break
#else
    :: listening[i] -> END(i, was, found); break
#endif
    :: over[i] -> break                    /* the socket is closed */
    :: handshakes == N && !listening[i] && handler[i] != HOST -> break   /* it never began */
    od;
    receivers++
}

/* A thread of the host that waits: it looks at the connections of all members. */
active proctype Waiter() {
    bool was;
    byte found;

    do
    :: member[0] && listener[0] && hung_up[0] && !over[0] -> END(0, was, found)
    :: member[1] && listener[1] && hung_up[1] && !over[1] -> END(1, was, found)
    :: handshakes == N && receivers == N -> break
    od;
    others++
}

#ifdef DISPOSE
active proctype Disposer() {
    bool was, hang_up[N];
    byte found;

    disposed = true;
    ENTER();
    hang_up[0] = member[0];
    hang_up[1] = member[1];
    left = true;
    LEAVE();
    if
    :: hang_up[0] -> DISPOSE_LINK(0, was, found)
    :: else
    fi;
    if
    :: hang_up[1] -> DISPOSE_LINK(1, was, found)
    :: else
    fi;
    others++
}
#define OTHERS 2
#else
#define OTHERS 1
#endif

#define GONE(i) (!member[i] && !listener[i] && !words[i] && !memory[i] && over[i] && told[i] == joined[i])

init {
    atomic {
        run Handshake(0);
        run Handshake(1);
        run Receiver(0);
        run Receiver(1)
    }

    handshakes == N && receivers == N && others == OTHERS;
    assert(GONE(0));
    assert(GONE(1))
}
