/* Sleeps until the writer signals, as "Control" in docs/format.md says, and notices when it hangs up. */
#include "c-peer.h"

#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { PARKED = 256, DOORBELL = 384, CLOSED = 512 };
enum { IS_PARKED = 1, ON_FUTEX = 2, ONE_PARKING = 8, SLICE_MS = 100 };

static uint32_t *word(struct region control, int offset)
{
    return (uint32_t *)(control.address + control.control_offset + offset);
}

static bool has_hung_up(int socket)
{
    struct pollfd state = { .fd = socket, .events = POLLRDHUP };
    return poll(&state, 1, 0) > 0 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

/* This end never asks for messages, so there are none to be read; one that comes all the same must be of one byte. */
static void drain(int socket)
{
    char bytes[2];
    ssize_t received;
    while ((received = recv(socket, bytes, sizeof bytes, MSG_DONTWAIT)) >= 0) {
        if (received == 0 && has_hung_up(socket))
            return;
        if (received != 1)
            fail("The writer sent a packet of %zd bytes, where each has one.", received);
    }
}

/* Returns when there are other signals than those seen (true) or the writer has hung up (false). */
static bool wait_for_signal(int socket, const uint64_t *signals, uint64_t seen, struct region own, struct region peer)
{
    uint32_t *parked = word(own, PARKED);
    bool has_ended = false;
    while (true) {
        uint32_t bell = __atomic_load_n(word(peer, DOORBELL), __ATOMIC_ACQUIRE);
        __atomic_store_n(parked, (*parked & ~(ONE_PARKING - 1u)) + ONE_PARKING + (IS_PARKED | ON_FUTEX), __ATOMIC_RELEASE);

        /* Between the store of `parked` and the load of the data; the writer has its fence between its store of the data
           and its load of `parked`. So at least one of the two sees what the other stored. */
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        bool has_signal = __atomic_load_n(signals, __ATOMIC_ACQUIRE) != seen;
        if (has_signal || has_ended) {
            __atomic_store_n(parked, (*parked & ~(ONE_PARKING - 1u)) + ONE_PARKING, __ATOMIC_RELEASE);
            return has_signal;
        }

        /* What the writer said last was said before it hung up, so there is one more look at the data. */
        drain(socket);
        has_ended = has_hung_up(socket);
        if (!has_ended) {
            struct timespec slice = { .tv_nsec = SLICE_MS * 1000 * 1000 };
            syscall(SYS_futex, word(peer, DOORBELL), FUTEX_WAIT, bell, &slice, NULL, 0);
        }
    }
}

void watch(int socket, const struct layout *layout, const uint8_t *value, const uint64_t *signals, struct region own, struct region peer)
{
    uint64_t seen;
    do {
        seen = __atomic_load_n(signals, __ATOMIC_ACQUIRE);
        print_struct(layout, value);
    } while (wait_for_signal(socket, signals, seen, own, peer));

    bool was_closed = __atomic_load_n(word(peer, CLOSED), __ATOMIC_ACQUIRE) == 1;
    printf("the writer %s\n", was_closed ? "has closed the struct" : "is gone");
    __atomic_store_n(word(own, CLOSED), 1, __ATOMIC_RELEASE);
    close(socket);
}
