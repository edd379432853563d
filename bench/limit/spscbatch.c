// The slot ring of spscseq, written and read in batches: the first sequence of a batch is stored last, so that the reader
// finds all of it or none, and it gives a whole batch back at once.
// usage: spscbatch PAYLOAD(56) CAPACITY BATCH  ->  spscbatch_<payload>B_cap<cap>_b<batch> N msg/s
#include "limit.h"
enum { S = 56 };
struct slot { LINE au64 seq; char msg[S]; };
struct ring { au32 gate; LINE au64 head; LINE struct slot slots[]; };
static void produce(struct ring *r, uint64_t mask, uint64_t n, uint64_t batch) {
    char m[S] = {0};
    for (uint64_t i = 0, seen = 0; i < n; i += batch) {
        while (i + batch - seen > mask + 1) seen = ld(&r->head);
        for (uint64_t k = 0; k < batch; k++) {
            uint64_t v = i + k;
            CLOBBER(m);
            memcpy(r->slots[v & mask].msg, m, S);
            memcpy(r->slots[v & mask].msg, &v, 8);
        }
        for (uint64_t k = batch - 1; k > 0; k--)
            atomic_store_explicit(&r->slots[(i + k) & mask].seq, i + k + 1, memory_order_relaxed);
        st(&r->slots[i & mask].seq, i + 1);
    }
}
static void consume(struct ring *r, uint64_t mask, uint64_t n, uint64_t batch) {
    char m[S];
    for (uint64_t i = 0; i < n;) {
        while (ld(&r->slots[i & mask].seq) != i + 1) ;
        uint64_t end = i + batch < n ? i + batch : n;
        do {
            memcpy(m, r->slots[i & mask].msg, S); CLOBBER(m);
            if (*(uint64_t *)m != i) abort();
            i++;
        } while (i < end && ld(&r->slots[i & mask].seq) == i + 1);
        st(&r->head, i);
    }
}
int main(int c, char **v) {
    uint64_t cap = c > 2 ? atoi(v[2]) : 1024, batch = c > 3 ? atoi(v[3]) : 32, n = 6000000 / batch * batch;
    if (c > 1 && atoi(v[1]) != S) return 2;
    size_t bytes = sizeof(struct ring) + cap * sizeof(struct slot);
    struct ring *r = shm(bytes);
    if (fork() == 0) {
        pin(1); touch(r, bytes); meet(&r->gate, 2);
        consume(r, cap - 1, n, batch);
        _exit(0);
    }
    pin(0); meet(&r->gate, 2);
    uint64_t t = now_ns();
    produce(r, cap - 1, n, batch);
    int status;
    wait(&status);
    t = now_ns() - t;
    if (status) return 1;
    printf("spscbatch_%dB_cap%lu_b%lu %.0f msg/s\n", S, cap, batch, (double)n * 1e9 / (double)t);
}
