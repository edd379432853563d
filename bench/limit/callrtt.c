// Request and response, 56 B each, over two slot rings; the message carries the number of its call, by which the client
// finds it again, and how it ended. Spinning.
// usage: callrtt  ->  rtt_call_56 NS ns
#include "limit.h"
enum { CAP = 64, N = 500000, S = 56 };
struct slot { LINE au64 seq; uint64_t call; uint64_t outcome; uint64_t w[S / 8]; };
struct box { au32 gate; LINE struct slot to[CAP]; LINE struct slot from[CAP]; };
static void put(struct slot *ring, uint64_t i, uint64_t call, const uint64_t *m) {
    struct slot *s = &ring[i % CAP];
    s->call = call; s->outcome = 0;
    CLOBBER(m); memcpy(s->w, m, S);
    st(&s->seq, i + 1);
}
static uint64_t get(struct slot *ring, uint64_t i, uint64_t *m) {
    struct slot *s = &ring[i % CAP];
    while (ld(&s->seq) != i + 1) ;
    memcpy(m, s->w, S); CLOBBER(m);
    return s->outcome ? 0 : s->call;
}
int main(void) {
    struct box *b = shm(sizeof *b);
    uint64_t m[S / 8] = {0}, t = 0;
    if (fork() == 0) {
        pin(1); touch(b, sizeof *b); meet(&b->gate, 2);
        for (uint64_t i = 0; i < N; i++) { uint64_t call = get(b->to, i, m); put(b->from, i, call, m); }
        _exit(0);
    }
    pin(0); meet(&b->gate, 2);
    for (uint64_t i = 0; i < N; i++) {
        if (i == N / 10) t = now_ns();
        m[0] = i;
        put(b->to, i, i + 7, m);
        if (get(b->from, i, m) != i + 7 || m[0] != i) abort();
    }
    t = now_ns() - t;
    int status;
    wait(&status);
    if (status) return 1;
    printf("rtt_call_56 %.2f ns\n", (double)t / (N - N / 10));
}
