// Several slot rings of one producer to one consumer, which takes one message from each in turn (56 B, capacity 1024 each). After each
// message the producer stores some words of its own, as in spscstores.
// usage: lanes LANES [STORES(0..16)]  ->  lanes_<lanes>_56B N msg/s
#include "limit.h"
enum { S = 56, CAP = 1024, MOST = 64, WORDS = 16 };
struct slot { LINE au64 seq; char msg[S]; };
struct lane { LINE au64 head; LINE struct slot slots[CAP]; };
struct box { au32 gate; LINE struct lane lane[]; };
static void produce(struct box *b, uint64_t lanes, uint64_t each, uint64_t stores) {
    char m[S] = {0};
    uint64_t seen[MOST] = {0};
    static uint64_t own[MOST][WORDS];
    for (uint64_t i = 0; i < each; i++)
        for (uint64_t k = 0; k < lanes; k++) {
            struct lane *l = &b->lane[k];
            struct slot *s = &l->slots[i % CAP];
            while (i - seen[k] >= CAP) seen[k] = ld(&l->head);
            CLOBBER(m);
            memcpy(s->msg, m, S);
            memcpy(s->msg, &i, 8);
            st(&s->seq, i + 1);
            for (uint64_t n = 0; n < stores; n++) *(volatile uint64_t *)&own[k][n] = i;
        }
}
static void consume(struct box *b, uint64_t lanes, uint64_t each) {
    char m[S];
    uint64_t next[MOST] = {0};
    for (uint64_t done = 0, k = 0; done < each * lanes; k = k + 1 == lanes ? 0 : k + 1) {
        struct lane *l = &b->lane[k];
        uint64_t i = next[k];
        struct slot *s = &l->slots[i % CAP];
        if (ld(&s->seq) != i + 1) continue;
        memcpy(m, s->msg, S); CLOBBER(m);
        if (*(uint64_t *)m != i) abort();
        if (i % (CAP / 8) == 0) st(&l->head, i + 1);
        next[k] = i + 1;
        done++;
    }
}
int main(int c, char **v) {
    uint64_t lanes = c > 1 ? atoi(v[1]) : 4, stores = c > 2 ? atoi(v[2]) : 0, each = 6000000 / lanes;
    if (lanes < 1 || lanes > MOST || stores > WORDS) return 2;
    size_t bytes = sizeof(struct box) + lanes * sizeof(struct lane);
    struct box *b = shm(bytes);
    if (fork() == 0) {
        pin(1); touch(b, bytes); meet(&b->gate, 2);
        consume(b, lanes, each);
        _exit(0);
    }
    pin(0); meet(&b->gate, 2);
    uint64_t t = now_ns();
    produce(b, lanes, each, stores);
    int status;
    wait(&status);
    t = now_ns() - t;
    if (status) return 1;
    printf("lanes_%lu_56B %.0f msg/s\n", lanes, (double)(each * lanes) * 1e9 / (double)t);
}
