// A table of N elements of 56 B, each with two cells and a word that says which is the newest: core 0 writes one after the
// other without rest, core 1 takes a snapshot of one after the other.
// Given LOCKED, the writer takes a lock that nobody else wants for each write, as one does that several threads may use: the
// interlocked instruction waits until the stores before it have found their lines.
// usage: table N [LOCKED]  ->  table_<n>[_locked]_snapshots /s (whole ones), table_<n>[_locked]_writes /s
#include "limit.h"
enum { S = 56 };
struct cell { LINE au64 seq; uint64_t w[S / 8]; };
struct element { LINE au64 newest; LINE struct cell cell[2]; };
struct box { au32 gate; au32 stop; LINE au64 writes; au64 snaps; LINE struct element e[]; };
static void writer(struct box *b, uint64_t count, int locked) {
    static LINE au32 lock;
    uint64_t m[S / 8] = {0}, n = 0;
    for (uint64_t round = 1; !atomic_load_explicit(&b->stop, memory_order_relaxed); round++)
        for (uint64_t i = 0; i < count; i++, n++) {
            struct element *e = &b->e[i];
            struct cell *c = &e->cell[round & 1];
            CLOBBER(m);
            while (locked && atomic_exchange_explicit(&lock, 1, memory_order_acquire)) ;
            atomic_store_explicit(&c->seq, 2 * round - 1, memory_order_relaxed);
            atomic_thread_fence(memory_order_release);
            memcpy(c->w, m, S); c->w[0] = c->w[S / 8 - 1] = round;
            st(&c->seq, 2 * round);
            st(&e->newest, round);
            if (locked) atomic_store_explicit(&lock, 0, memory_order_release);
        }
    b->writes = n;
}
static void reader(struct box *b, uint64_t count) {
    uint64_t m[S / 8], n = 0;
    while (!atomic_load_explicit(&b->stop, memory_order_relaxed))
        for (uint64_t i = 0; i < count; i++, n++)
            for (;;) {
                struct element *e = &b->e[i];
                struct cell *c = &e->cell[ld(&e->newest) & 1];
                uint64_t s = ld(&c->seq);
                if (s & 1) continue;
                memcpy(m, c->w, S); CLOBBER(m);
                atomic_thread_fence(memory_order_acquire);
                if (ld(&c->seq) != s) continue;
                if (m[0] != m[S / 8 - 1]) abort();
                break;
            }
    b->snaps = n;
}
int main(int c, char **v) {
    uint64_t count = c > 1 ? strtoul(v[1], 0, 10) : 1024;
    int locked = c > 2 && atoi(v[2]);
    const char *tag = locked ? "_locked" : "";
    size_t bytes = sizeof(struct box) + count * sizeof(struct element);
    struct box *b = shm(bytes);
    for (int side = 0; side < 2; side++) if (fork() == 0) {
        pin(side); touch(b, bytes); meet(&b->gate, 3);
        if (side) reader(b, count); else writer(b, count, locked);
        _exit(0);
    }
    meet(&b->gate, 3);
    uint64_t t = now_ns();
    usleep(200000);
    b->stop = 1;
    double d = (double)(now_ns() - t) / 1e9;
    for (int status; wait(&status) > 0;) if (status) return 1;
    printf("table_%lu%s_snapshots %.0f /s\n", count, tag, (double)b->snaps / d);
    printf("table_%lu%s_writes %.0f /s\n", count, tag, (double)b->writes / d);
}
