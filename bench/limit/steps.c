// User-space instructions, counted one by one by ptrace: exact, and on any machine, with or without counters in hardware.
// The traced thread says in the first word of a shared file what it is at: 0 nothing, 1 to 15 count there, END is the end.
// usage: steps attach TID FILE  ->  a line `INDEX COUNT` each; the second word of FILE is set once the thread is held
//        steps ring             ->  spscseq_56_write, spscseq_56_read: instructions a message of that program's own loops
#define main spscseq_main
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wreturn-type"
#include "spscseq.c"
#pragma GCC diagnostic pop
#undef main
#include <signal.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#ifndef __WALL
#define __WALL 0x40000000
#endif
enum { PLACES = 16, END = 255, FEW = 16, MANY = 144 };
static void count(pid_t thread, volatile uint32_t *phase, uint64_t *counts) {
    int status;
    cpu_set_t one; // both on one core: to wake another one for each step takes 50 times as long
    CPU_ZERO(&one); CPU_SET(0, &one);
    if (sched_setaffinity(0, sizeof one, &one) || sched_setaffinity(thread, sizeof one, &one)) die("sched_setaffinity");
    if (ptrace(PTRACE_SEIZE, thread, 0, 0) || ptrace(PTRACE_INTERRUPT, thread, 0, 0)) die("ptrace");
    if (waitpid(thread, &status, __WALL) != thread) die("waitpid");
    phase[1] = 1;
    while (phase[0] != END) {
        int pass = WSTOPSIG(status) == SIGTRAP || WSTOPSIG(status) == SIGSTOP ? 0 : WSTOPSIG(status);
        uint32_t at = phase[0];
        if (ptrace(PTRACE_SINGLESTEP, thread, 0, pass) || waitpid(thread, &status, __WALL) != thread) die("step");
        if (!WIFSTOPPED(status)) { fprintf(stderr, "the thread has ended\n"); exit(1); }
        if (at && at == phase[0]) counts[at % PLACES]++;
    }
    ptrace(PTRACE_DETACH, thread, 0, 0);
}
static int ring(void) {
    volatile uint32_t *phase = shm(4096);
    uint64_t counts[PLACES] = {0}, mask = 1023;
    pid_t child = fork();
    if (child == 0) {
        struct ring *rings[2];
        for (int k = 0; k < 2; k++) rings[k] = shm(sizeof(struct ring) + (mask + 1) * 64);
        void (*volatile produce)(struct ring *, uint64_t, uint64_t) = produce56; // not inlined: as that program calls them
        void (*volatile consume)(struct ring *, uint64_t, uint64_t, int) = consume56;
        prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
        while (!phase[1]) ;
        for (int k = 0; k < 2; k++) {
            uint64_t n = k ? MANY : FEW;
            struct ring *r = rings[k];
            phase[0] = 1 + k; produce(r, mask, n);
            phase[0] = 3 + k; consume(r, mask, n, 0);
            phase[0] = 0;
        }
        phase[0] = END;
        for (;;) pause();
    }
    count(child, phase, counts);
    kill(child, SIGKILL);
    printf("spscseq_56_write %.1f instructions\n", (double)(counts[2] - counts[1]) / (MANY - FEW));
    printf("spscseq_56_read %.1f instructions\n", (double)(counts[4] - counts[3]) / (MANY - FEW));
    return 0;
}
int main(int c, char **v) {
    if (c == 2 && !strcmp(v[1], "ring")) return ring();
    if (c != 4 || strcmp(v[1], "attach")) return 2;
    int fd = open(v[3], O_RDWR);
    volatile uint32_t *phase = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd < 0 || phase == MAP_FAILED) die(v[3]);
    uint64_t counts[PLACES] = {0};
    count(atoi(v[2]), phase, counts);
    for (int k = 1; k < PLACES; k++) if (counts[k]) printf("%d %lu\n", k, counts[k]);
}
