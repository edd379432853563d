// A slot ring of eight slots whose messages have N bytes: filled by one side in place, one word of each line read by the other.
// usage: sizes N  ->  sizes_<n> NS ns (per message)
#include "limit.h"
enum { SLOTS = 8 };
struct ring { au32 gate; LINE au64 head; LINE char slots[]; };
int main(int c, char **v) {
    uint64_t size = c > 1 ? strtoul(v[1], 0, 10) : 4096, stride = (size + 8 + 63) / 64 * 64;
    uint64_t n = (64u << 20) / stride;
    n = n > 1000000 ? 1000000 : n < 64 ? 64 : n;
    struct ring *r = shm(sizeof *r + stride * SLOTS);
    if (fork() == 0) {
        pin(1); touch(r, sizeof *r + stride * SLOTS); meet(&r->gate, 2);
        for (uint64_t i = 0; i < n; i++) {
            char *slot = r->slots + i % SLOTS * stride;
            while (ld((au64 *)slot) != i + 1) ;
            for (uint64_t at = 0; at + 8 <= size; at += 64) (void)*(volatile uint64_t *)(slot + 8 + at);
            st(&r->head, i + 1);
        }
        _exit(0);
    }
    pin(0); meet(&r->gate, 2);
    uint64_t t = now_ns();
    for (uint64_t i = 0; i < n; i++) {
        char *slot = r->slots + i % SLOTS * stride;
        while (i - ld(&r->head) >= SLOTS) ;
        memset(slot + 8, (int)i, size);
        CLOBBER(slot);
        st((au64 *)slot, i + 1);
    }
    int status;
    wait(&status);
    t = now_ns() - t;
    if (status) return 1;
    printf("sizes_%lu %.2f ns\n", size, (double)t / (double)n);
}
