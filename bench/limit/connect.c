// What a connection takes of the kernel, and nothing else: a region and a socket that listens; the other process connects, and both
// swap who they are, a region of control words each, and the descriptors of all three regions, in four packets: Hello, Welcome, Attach,
// Ready. Then it reads the first value and answers with a byte. Each side is one thread, so that nothing is handed to another.
// usage: connect  ->  connect US us (mean of 1000, everything unmapped and closed outside the clock)
#include "limit.h"
#include <stddef.h>
#include <sys/stat.h>
#include <sys/un.h>
enum { N = 1000, REGION = 8192, CONTROL = 8192, HELLO = 256, WELCOME = 1024, SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL };
struct region { int fd; uint64_t *p; };
static struct region make(size_t bytes) {
    struct region r = {memfd_create("seg", MFD_CLOEXEC | MFD_ALLOW_SEALING), 0};
    if (r.fd < 0 || ftruncate(r.fd, (off_t)bytes)) die("memfd");
    r.p = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, r.fd, 0);
    if (r.p == MAP_FAILED || fcntl(r.fd, F_ADD_SEALS, SEALS)) die("mmap");
    return r;
}
static struct region take(int fd, size_t bytes) {
    struct stat st;
    if ((fcntl(fd, F_GET_SEALS) & SEALS) != SEALS || fstat(fd, &st) || (size_t)st.st_size != bytes) die("region");
    struct region r = {fd, mmap(0, bytes, PROT_READ, MAP_SHARED, fd, 0)};
    if (r.p == MAP_FAILED) die("mmap");
    return r;
}
static void drop(struct region r, size_t bytes) { munmap(r.p, bytes); close(r.fd); }
static void put(int s, size_t bytes, const int *fds, size_t n) {
    static char packet[WELCOME];
    char ctl[CMSG_SPACE(2 * sizeof(int))] = {0};
    struct iovec io = {packet, bytes};
    struct msghdr h = {.msg_iov = &io, .msg_iovlen = 1};
    if (n) {
        h.msg_control = ctl; h.msg_controllen = CMSG_SPACE(n * sizeof *fds);
        struct cmsghdr *c = CMSG_FIRSTHDR(&h);
        c->cmsg_level = SOL_SOCKET; c->cmsg_type = SCM_RIGHTS; c->cmsg_len = CMSG_LEN(n * sizeof *fds);
        memcpy(CMSG_DATA(c), fds, n * sizeof *fds);
    }
    if (sendmsg(s, &h, MSG_NOSIGNAL) != (ssize_t)bytes) die("sendmsg");
}
static void get(int s, size_t bytes, int *fds, size_t n) {
    char packet[WELCOME], ctl[CMSG_SPACE(2 * sizeof(int))];
    struct iovec io = {packet, sizeof packet};
    struct msghdr h = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = ctl, .msg_controllen = sizeof ctl};
    if (recvmsg(s, &h, MSG_CMSG_CLOEXEC) != (ssize_t)bytes) die("recvmsg");
    if (n) memcpy(fds, CMSG_DATA(CMSG_FIRSTHDR(&h)), n * sizeof *fds);
}
static void who(int s) {
    struct ucred cred;
    socklen_t length = sizeof cred;
    if (getsockopt(s, SOL_SOCKET, SO_PEERCRED, &cred, &length)) die("peercred");
}
static int endpoint(struct sockaddr_un *a, socklen_t *length) {
    a->sun_family = AF_UNIX;
    *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)snprintf(a->sun_path + 1, 64, "limit-%d", getpgrp()));
    return socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
}
static void answer(int in, int out) {
    for (char byte; read(in, &byte, 1) == 1;) {
        struct sockaddr_un a = {0};
        socklen_t length;
        int s = endpoint(&a, &length), fds[2];
        if (connect(s, (void *)&a, length)) die("connect");
        who(s);
        put(s, HELLO, 0, 0);
        struct region own = make(CONTROL);
        get(s, WELCOME, fds, 2);
        struct region value = take(fds[0], REGION), theirs = take(fds[1], CONTROL);
        put(s, HELLO, &own.fd, 1);
        get(s, HELLO, 0, 0);
        if (*(volatile uint64_t *)value.p != 42 || write(out, &byte, 1) != 1) die("write");
        if (read(in, &byte, 1) != 1) die("read");
        drop(value, REGION); drop(theirs, CONTROL); drop(own, CONTROL); close(s);
        if (write(out, &byte, 1) != 1) die("write");
    }
    _exit(0);
}
int main(void) {
    int there[2], back[2];
    setpgid(0, 0);
    if (pipe(there) || pipe(back)) die("pipe");
    if (fork() == 0) { pin(1); close(there[1]); close(back[0]); answer(there[0], back[1]); }
    pin(0); close(there[0]); close(back[1]);
    uint64_t total = 0;
    for (int i = 0; i < N; i++) {
        struct sockaddr_un a = {0};
        socklen_t length;
        char byte = 1;
        int control;
        uint64_t t = now_ns();
        struct region value = make(REGION);
        *value.p = 42;
        int listener = endpoint(&a, &length);
        if (bind(listener, (void *)&a, length) || listen(listener, 16)) die("listen");
        if (write(there[1], &byte, 1) != 1) die("write");
        int s = accept4(listener, 0, 0, SOCK_CLOEXEC);
        if (s < 0) die("accept");
        who(s);
        get(s, HELLO, 0, 0);
        struct region own = make(CONTROL);
        put(s, WELCOME, (int[]){value.fd, own.fd}, 2);
        get(s, HELLO, &control, 1);
        struct region theirs = take(control, CONTROL);
        put(s, HELLO, 0, 0);
        if (read(back[0], &byte, 1) != 1) die("peer");
        total += now_ns() - t;
        drop(theirs, CONTROL); drop(own, CONTROL); drop(value, REGION); close(s); close(listener);
        if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1) die("peer");
    }
    close(there[1]);
    wait(0);
    printf("connect %.2f us\n", (double)total / N / 1000);
}
