#include "c-peer.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define NOBODY 65534

static void user_directory(char *directory, size_t size)
{
    const char *chosen = getenv("TYPEDSHM_DIR");
    if (chosen != NULL && chosen[0] != '\0') {
        snprintf(directory, size, "%s", chosen);
        return;
    }

    struct stat status;
    snprintf(directory, size, "/run/user/%u", geteuid());
    if (stat(directory, &status) == 0 && S_ISDIR(status.st_mode)) {
        strncat(directory, "/typedshm", size - strlen(directory) - 1);
    } else {
        const char *temporary = getenv("TMPDIR");
        snprintf(directory, size, "%s/typedshm-%u", temporary != NULL && temporary[0] != '\0' ? temporary : "/tmp", geteuid());
    }

    if (lstat(directory, &status) == 0 && (!S_ISDIR(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 077) != 0))
        fail("%s must be a directory of user %u with mode 700.", directory, geteuid());
}

static struct sockaddr_un address_of(const char *name, socklen_t *length)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char path[PATH_MAX];
    if (name[0] == '@') {
        size_t used = strlen(name);
        if (used < 2 || used > sizeof address.sun_path)
            fail("The abstract name '%s' has no fitting length.", name);
        memcpy(address.sun_path, name, used);
        address.sun_path[0] = '\0';
        *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + used);
        return address;
    }

    if (strchr(name, '/') != NULL) {
        snprintf(path, sizeof path, "%s", name);
    } else {
        user_directory(path, sizeof path / 2);
        size_t used = strlen(path);
        snprintf(path + used, sizeof path - used, "/%s.sock", name);
    }
    if (strlen(path) >= sizeof address.sun_path)
        fail("The path '%s' is longer than a socket's may be.", path);
    strcpy(address.sun_path, path);
    *length = sizeof address;
    return address;
}

static void check_peer(int socket)
{
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0)
        fail_errno("getsockopt(SO_PEERCRED)");
    if (peer.pid == 0 || peer.uid == NOBODY || peer.uid != geteuid())
        fail("The server is process %d of user %u, not of user %u.", peer.pid, peer.uid, geteuid());
    printf("server: process %d of user %u\n", peer.pid, peer.uid);
}

int endpoint_connect(const char *name, int timeout_ms)
{
    socklen_t length;
    struct sockaddr_un address = address_of(name, &length);
    int64_t deadline = monotonic_ms() + timeout_ms;
    while (true) {
        int connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (connection < 0)
            fail_errno("socket");
        if (connect(connection, (struct sockaddr *)&address, length) == 0) {
            check_peer(connection);
            return connection;
        }
        if (errno != ENOENT && errno != ECONNREFUSED && errno != EAGAIN)
            fail_errno("connect");
        close(connection);
        if (monotonic_ms() > deadline)
            fail("Nobody has created '%s'.", name);
        nanosleep(&(struct timespec){ .tv_nsec = 20 * 1000 * 1000 }, NULL);
    }
}
