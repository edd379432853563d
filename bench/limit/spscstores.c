// The slot ring of spscseq, whose producer also stores some words of its own after each message: who is at work, how far it has come.
// While a line of the ring is on its way to its cache, all later stores wait behind that one, and there is room for some 50 of them, so
// that fewer messages are on their way at once.
// usage: spscstores PAYLOAD(24|56|120) CAPACITY STORES(0..16)  ->  spscstores_<payload>B_cap<cap>_s<stores> N msg/s
#include "limit.h"
enum { MOST = 16 };
struct ring { au32 gate; LINE au64 head; LINE char slots[]; };
#define STORE(K) if (stores > (K)) *(volatile uint64_t *)&own[K] = i
#define DEFINE(S)                                                                     \
    struct s##S { _Alignas((S) + 8 > 64 ? 64 : (S) + 8) au64 seq; char msg[S]; };     \
    __attribute__((always_inline)) static inline void produce##S(struct ring *r, uint64_t mask, uint64_t n, const int stores) { \
        struct s##S *slot = (void *)r->slots;                                         \
        char m[S] = {0};                                                              \
        uint64_t seen = 0, own[MOST];                                                 \
        for (uint64_t i = 0; i < n; i++) {                                            \
            while (i - seen > mask) seen = ld(&r->head);                              \
            CLOBBER(m);                                                               \
            memcpy(slot[i & mask].msg, m, S);                                         \
            memcpy(slot[i & mask].msg, &i, 8);                                        \
            st(&slot[i & mask].seq, i + 1);                                           \
            STORE(0); STORE(1); STORE(2); STORE(3); STORE(4); STORE(5); STORE(6); STORE(7);       \
            STORE(8); STORE(9); STORE(10); STORE(11); STORE(12); STORE(13); STORE(14); STORE(15); \
        }                                                                             \
    }                                                                                 \
    static void consume##S(struct ring *r, uint64_t mask, uint64_t n) {               \
        struct s##S *slot = (void *)r->slots;                                         \
        char m[S];                                                                    \
        for (uint64_t i = 0; i < n; i++) {                                            \
            while (ld(&slot[i & mask].seq) != i + 1) ;                                \
            memcpy(m, slot[i & mask].msg, S); CLOBBER(m);                             \
            if (*(uint64_t *)m != i) abort();                                         \
            if ((i & (mask >> 3)) == 0) st(&r->head, i + 1);                          \
        }                                                                             \
        st(&r->head, n);                                                              \
    }                                                                                 \
    static void with##S(struct ring *r, uint64_t mask, uint64_t n, int stores) {      \
        switch (stores) {                                                             \
            CASE(S, 0) CASE(S, 1) CASE(S, 2) CASE(S, 3) CASE(S, 4) CASE(S, 5) CASE(S, 6) CASE(S, 7) CASE(S, 8)                  \
            CASE(S, 9) CASE(S, 10) CASE(S, 11) CASE(S, 12) CASE(S, 13) CASE(S, 14) CASE(S, 15) CASE(S, 16)                      \
            default: exit(2);                                                         \
        }                                                                             \
    }
#define CASE(S, K) case K: produce##S(r, mask, n, K); break;
DEFINE(24) DEFINE(56) DEFINE(120)
int main(int c, char **v) {
    uint64_t s = c > 1 ? atoi(v[1]) : 56, cap = c > 2 ? atoi(v[2]) : 1024, n = 6000000;
    int stores = c > 3 ? atoi(v[3]) : 0;
    size_t bytes = sizeof(struct ring) + cap * (s + 8);
    struct ring *r = shm(bytes);
    if (fork() == 0) {
        pin(1); touch(r, bytes); meet(&r->gate, 2);
        (s == 24 ? consume24 : s == 56 ? consume56 : consume120)(r, cap - 1, n);
        _exit(0);
    }
    pin(0); meet(&r->gate, 2);
    uint64_t t = now_ns();
    (s == 24 ? with24 : s == 56 ? with56 : with120)(r, cap - 1, n, stores);
    int status;
    wait(&status);
    t = now_ns() - t;
    if (status) return 1;
    printf("spscstores_%luB_cap%lu_s%d %.0f msg/s\n", s, cap, stores, (double)n * 1e9 / (double)t);
}
