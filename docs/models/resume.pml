/*
 * A queue that goes on where one side of it has died: producers (src/Runtime/Rings: LaneReader.Producing, LaneWriter.Producing;
 * src/Runtime/Channels/Queue).
 *
 * A process may be killed between any two of its steps. What it has stored by then is there, since the kernel hangs up after its last
 * instruction; nothing is known of it but by the words that it has stored.
 *
 * The reader dies, perhaps before the producer knows that it has the lane, and has a successor. The producer's own thread writes on
 * meanwhile. What has to come out: every message is handed to a program, in order; one that comes again is marked, and none does that
 * the producer knows to be given back.
 *
 * Set-ups:  (none)    as above
 *           READERS   how many there are, one after the other (2)
 *           WRITER    the producer dies, in a batch perhaps, and has a successor; the reader lives. Each message comes once, in order;
 *                     of the batch all or nothing comes from the dead
 *           LATE      with WRITER: somebody still has the lane of the dead, and goes on storing into it
 *           SLEEP     the next reader may have parked before the producer's thread knows of it. Memory: a store of that thread is seen
 *                     late; a barrier waits for it
 *
 *   holds
 *   holds -DWRITER
 *   holds -DWRITER -DLATE
 *   holds -DSLEEP
 *
 *   fails -DWEAK_RELEASED_BEFORE_THE_PROGRAM_HAS_IT
 *   fails -DWEAK_DELIVERED_AFTER_THE_PROGRAM_HAS_IT
 *   fails -DWEAK_LOOKED_BEFORE_THE_HANG_UP
 *   fails -DWEAK_OFFER_NOT_NOTED
 *   fails -DWEAK_OFFER_NOTED_ONCE
 *   fails -DWEAK_OFFER_AS_COUNTED
 *   fails -DWEAK_ROOM_BY_DELIVERED
 *   fails -DWEAK_ONE_HEAD
 *   fails -DWRITER -DWEAK_BATCH_FORWARD
 *   fails -DWRITER -DWEAK_END_BY_THE_LAST
 *   fails -DWRITER -DWEAK_END_BEFORE_THE_HANG_UP
 *   fails -DWRITER -DWEAK_SUCCESSOR_AT_ONCE
 *   fails -DWRITER -DLATE -DWEAK_END_NOT_KEPT
 *   fails -DWRITER -DLATE -DWEAK_NO_LOOK_AFTER_THE_END
 *   fails -DSLEEP -DWEAK_NO_WAKE
 *   fails -DSLEEP -DWEAK_NO_BARRIER
 *   fails -DSLEEP -DWEAK_WAKE_BEFORE_THE_LIST
 */

#ifdef WRITER
#define MESSAGES 3

/* The lanes of the dead and of its successor: whether a message is there. The last two of the first lane are a batch. */
bool old_lane[MESSAGES];
bool new_lane[MESSAGES];
bool dead;                      /* the first process, whose last instruction was executed */
byte next;                      /* the reader's, read by the thread that lets the successor in */
byte end = 255;                 /* of the first lane */
bool link_ended, exhausted, succeeded;
byte start = 255;               /* what the successor was told */

byte handed;                    /* to the program */
byte from_old;                  /* those of them that the dead had committed, as bits */

active proctype Dead() {
    /* A step, unless it was killed before. */
#define ALIVE(step) atomic { if :: dead -> goto gone :: else -> step fi }
    ALIVE(old_lane[0] = true);
#ifdef WEAK_BATCH_FORWARD
    ALIVE(old_lane[1] = true);
    ALIVE(old_lane[2] = true);
#else
    ALIVE(old_lane[2] = true);
    ALIVE(old_lane[1] = true);      /* slot.commit, from the last to the first */
#endif
gone:
    skip
}

active proctype Kill() {
    dead = true
}

/* The thread of the reader's process that lets the successor in, and the successor. */
active proctype Join() {
    byte i;

#ifndef WEAK_END_BEFORE_THE_HANG_UP
    dead;
#endif
    link_ended = true;
    i = next;
#ifdef WEAK_END_BY_THE_LAST
    i = 0;
    if
    :: old_lane[2] -> i = 3
    :: !old_lane[2] && old_lane[1] -> i = 2
    :: else -> i = old_lane[0]
    fi;
#else
    do
    :: i < MESSAGES && old_lane[i] -> i++       /* step: resume.count */
    :: else -> break
    od;
#endif
#ifndef WEAK_END_NOT_KEPT
    end = i;                                    /* step: resume.end */
#ifndef WEAK_NO_LOOK_AFTER_THE_END
    if
    :: next >= i -> exhausted = true            /* step: resume.past */
    :: else
    fi;
#endif
#endif
    start = i;
    succeeded = true;                           /* step: resume.follow */
    do
    :: i < MESSAGES -> new_lane[i] = true; i++
    :: else -> break
    od
}

#ifdef LATE
active proctype Late() {
    succeeded;
    old_lane[1] = true;
    old_lane[2] = true
}
#endif

active proctype Reader() {
    byte at;
    bool is_ended;

    /* The lane of the first process: until its link has ended and nothing is there, or it is exhausted. */
    do
    :: atomic { next < MESSAGES && old_lane[next] && !exhausted -> at = next };
        assert(handed == at);                   /* each once, and in order */
        handed++;
        from_old = from_old | (1 << at);
        next = at + 1;                          /* step: resume.pass */
        is_ended = link_ended;
        if
        :: is_ended && next >= end -> exhausted = true
        :: else
        fi
    :: atomic { succeeded && (exhausted || next == MESSAGES || !old_lane[next]) -> break }
#ifdef WEAK_SUCCESSOR_AT_ONCE
    :: atomic { succeeded -> break }
#endif
    od;

    at = start;
    do
    :: at < MESSAGES -> new_lane[at];
        assert(handed == at);
        handed++;
        at++
    :: else -> break
    od;
    assert(handed == MESSAGES);
    assert((from_old & 6) == 0 || (from_old & 6) == 6)
}

#else
#ifdef SLEEP

bool buffered, stored;          /* the message: in the store buffer, in memory */
bool listed;                    /* the next reader, in the publisher's list */
bool parked, woken, has_read;

active proctype Writer() {
    bool is_listed;

    buffered = true;
    is_listed = listed;                         /* publish.look; not behind the store, see store-buffers.inc */
    if
    :: is_listed ->
        atomic {
            if
            :: buffered -> buffered = false; stored = true
            :: else
            fi
        };
        if
        :: parked -> woken = true
        :: else
        fi
    :: else
    fi
}

/* The buffer drains at any time. */
active proctype Buffer() {
end_drained:
    do
    :: atomic { buffered -> buffered = false; stored = true }
    od
}

active proctype Connect() {
#ifdef WEAK_WAKE_BEFORE_THE_LIST
    woken = true;
#endif
    listed = true;                              /* step: resume.list */
#ifndef WEAK_NO_BARRIER
    atomic {                                    /* step: resume.barrier */
        if
        :: buffered -> buffered = false; stored = true
        :: else
        fi
    };
#endif
#ifndef WEAK_NO_WAKE
#ifndef WEAK_WAKE_BEFORE_THE_LIST
    woken = true                                /* step: resume.wake */
#endif
#endif
}

active proctype Reader() {
    do
    :: true ->
        parked = true;
        if
        :: stored -> break
        :: else
        fi;
        woken;                                  /* asleep */
        woken = false
    od;
    has_read = true
}

#else

#define MESSAGES 3
#define CAPACITY 2
#define NONE 255
#ifndef READERS
#define READERS 2
#endif

/* The lane: the number of the message that is in a slot, plus 1. */
byte slot[CAPACITY];

/* The words of each reader, which the producer maps. */
byte head[READERS];
byte delivered[READERS];

/* The processes of the readers. All but the last one are killed. */
bool dead[READERS];
bool attached[READERS];
bool ready[READERS];
byte told_head[READERS];
byte told_delivered[READERS];
bool given_up[READERS];         /* the producer has broken the handshake off; it has another one only with the next reader */

/* The producer's. */
byte written;                   /* that its thread has counted */
byte cached;                    /* LaneWriter._head: that its thread has found in its search for room */
byte left_at;
byte noted;                     /* LaneWriter._delivered */
bool offered;
byte link = NONE;
bool ended[READERS];

/* What the programs got, and how much of it the producer knows to be given back. */
bool handed[MESSAGES];
byte given_back;

#define MAX(a, b) ((a) > (b) -> (a) : (b))
#define KNOWN MAX(cached, left_at)

active proctype Write() {
    byte m, h, from;

    do
    :: m < MESSAGES ->
        do
        :: true ->
            /* A search for room. */
            atomic { from = link; h = KNOWN };
            if
            :: from != NONE && !ended[from] ->
#ifdef WEAK_ROOM_BY_DELIVERED
                h = delivered[from];            /* slot.space */
#else
                h = head[from];
#endif
                if
                :: ended[from] -> h = KNOWN
                :: else
                fi
            :: else
            fi;
#ifdef WEAK_ONE_HEAD
            left_at = h;
#endif
            atomic {
                cached = h;
                from = NONE;
                if
                :: m - h < CAPACITY -> h = 0; break
                :: else -> h = 0
                fi
            };

            /* Until something is different. */
            (link != NONE && !ended[link] && m - head[link] < CAPACITY) || m - KNOWN < CAPACITY
        od;
        slot[m % CAPACITY] = m + 1;             /* slot.commit */
        atomic { m++; written = m }
    :: else -> break
    od
}

/* The producer's thread that connects. */
active proctype Connect() {
    byte r, h, d, i;

    do
    :: r < READERS ->
        /* Nobody has the name before who had it is gone. */
        if
        :: r == 0
        :: r > 0 -> dead[r - 1]
        fi;
        atomic { h = KNOWN; d = noted };        /* step: resume.present */
#ifndef WEAK_OFFER_NOT_NOTED
#ifndef WEAK_OFFER_NOTED_ONCE
        if
        :: offered ->
            d = written;
#ifndef WEAK_OFFER_AS_COUNTED
            do
            :: d < MESSAGES && slot[d % CAPACITY] == d + 1 -> d++
            :: else -> break
            od
#endif
        :: else
        fi;
#endif
#endif
        atomic {
            told_head[r] = h;
            told_delivered[r] = MAX(h, d);
            attached[r] = true;
            h = 0;
            d = 0
        };
        if
        :: ready[r] ->
            offered = false;
            if
            :: told_head[r] > KNOWN -> left_at = told_head[r]
            :: else
            fi;
            link = r;                           /* step: resume.link */
#ifdef WEAK_LOOKED_BEFORE_THE_HANG_UP
            h = head[r];
            d = delivered[r];
#endif
            if
            :: r == READERS - 1 -> break
            :: else -> dead[r]
            fi;

            /* Its end: the last look at its words. */
            ended[r] = true;
#ifndef WEAK_LOOKED_BEFORE_THE_HANG_UP
            h = head[r];                        /* step: resume.note */
            d = delivered[r];
#endif
            if
            :: h > KNOWN -> left_at = h
            :: else
            fi;
            atomic { given_back = MAX(given_back, h); noted = MAX(noted, d); h = 0; d = 0 }
        :: r < READERS - 1 ->
            given_up[r] = true;
            offered = true;                     /* step: resume.offer */
#ifdef WEAK_OFFER_NOTED_ONCE
            noted = written
#endif
        fi;
        r++
    :: else -> break
    od
}

proctype Read(byte r) {
    byte next, until, said;

    /* A step, unless it was killed before. */
#define ALIVE(step) atomic { if :: dead[r] -> goto gone :: else -> step fi }
end_attach:
    attached[r] || dead[r];
    ALIVE(head[r] = told_head[r]);              /* step: resume.words */
    ALIVE(delivered[r] = told_delivered[r]);
    atomic { next = told_head[r]; until = told_delivered[r]; said = until };
end_reads:
    do
    :: atomic { !ready[r] && !given_up[r] && !dead[r] -> ready[r] = true }
    :: dead[r] -> break
    :: atomic { next < MESSAGES && slot[next % CAPACITY] == next + 1 && !dead[r] -> skip };
#ifdef WEAK_RELEASED_BEFORE_THE_PROGRAM_HAS_IT
        ALIVE(head[r] = next + 1);
#endif
#ifndef WEAK_DELIVERED_AFTER_THE_PROGRAM_HAS_IT
        if
        :: said < next + 1 ->
            ALIVE(delivered[r] = next + 1; said = next + 1)     /* step: resume.deliver */
        :: else
        fi;
#endif
        ALIVE(assert(next >= given_back && (!handed[next] || next < until)); handed[next] = true);
#ifdef WEAK_DELIVERED_AFTER_THE_PROGRAM_HAS_IT
        ALIVE(delivered[r] = next + 1);
#endif
#ifndef WEAK_RELEASED_BEFORE_THE_PROGRAM_HAS_IT
        ALIVE(head[r] = next + 1; next++)       /* slot.release */
#else
        next++
#endif
    od;
gone:
    skip
}

/* At any time, also when everything else is done. */
active proctype Kill() {
    byte r;

    do
    :: r < READERS - 1 -> dead[r] = true; r++
    :: else -> break
    od
}

init {
    byte i;

    atomic {
        for (i : 0 .. READERS - 1) {
            run Read(i)
        }
    };

    /* Nothing happens any more. */
    timeout;
    for (i : 0 .. MESSAGES - 1) {
        assert(handed[i])
    }
}
#endif
#endif
