// User-space instructions, counted one by one: with its trap flag set the processor traps after each, and a signal handler counts. A
// thread counts itself, so that no step has to wait for another thread to be scheduled: exact, and quick on a machine that is busy, too,
// with or without counters in hardware. What handlers of other signals do meanwhile is not counted: the kernel clears the flag for them.
// What is counted must not block SIGTRAP, as starting a thread does: then the first step ends the process.
// usage: steps        ->  spscseq_56_write, spscseq_56_read: instructions a message of that program's own loops
//        libsteps.so  ->  steps_begin() and steps_end(), which gives the count, for a program in another language
#define main spscseq_main
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wreturn-type"
#include "spscseq.c"
#pragma GCC diagnostic pop
#undef main
#include <signal.h>
#include <ucontext.h>
enum { TRAP_FLAG = 0x100, FEW = 16, MANY = 144 };
static volatile uint64_t steps;
static struct sigaction before;
static void trap(int signal, siginfo_t *info, void *context) {
    ucontext_t *at = context;
    (void)signal;
    if (info->si_code == TRAP_TRACE) steps++;
    else at->uc_mcontext.gregs[REG_EFL] ^= TRAP_FLAG; // int3, which is a mark: here the steps begin, or end
}
uint64_t steps_begin(void) { // whatever its caller needs for a call, it has now for the other one too
    struct sigaction action = { .sa_sigaction = trap, .sa_flags = SA_SIGINFO };
    if (sigaction(SIGTRAP, &action, &before)) die("sigaction");
    steps = 0;
    __asm__ volatile("int3" ::: "memory");
    return 0;
}
uint64_t steps_end(void) {
    __asm__ volatile("int3" ::: "memory");
    if (sigaction(SIGTRAP, &before, 0)) die("sigaction");
    return steps;
}
static void (*volatile produce)(struct ring *, uint64_t, uint64_t) = produce56; // not inlined: as that program calls them
static void (*volatile consume)(struct ring *, uint64_t, uint64_t, int) = consume56;
static void count(uint64_t n, double *writes, double *reads) {
    uint64_t mask = 1023;
    struct ring *r = shm(sizeof(struct ring) + (mask + 1) * 64);
    steps_begin(); produce(r, mask, n); *writes = (double)steps_end();
    steps_begin(); consume(r, mask, n, 0); *reads = (double)steps_end();
}
int main(void) {
    double writes[2], reads[2];
    count(FEW, &writes[0], &reads[0]);
    count(MANY, &writes[1], &reads[1]);
    printf("spscseq_56_write %.1f instructions\n", (writes[1] - writes[0]) / (MANY - FEW));
    printf("spscseq_56_read %.1f instructions\n", (reads[1] - reads[0]) / (MANY - FEW));
}
