/* Connects to a struct, checks what has to be checked, prints it, and prints it again whenever its writer signals.
   Usage: c-peer NAME [--kind N] [--role N] [--spoil-fingerprint]. The last three ask for what the server has to refuse. */
#include "c-peer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fflush(stdout);
    fputs("c-peer: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

void fail_errno(const char *call)
{
    fail("%s: %s", call, strerror(errno));
}

int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A client states the layout that it was compiled with. This one was compiled with none: it states a layout that nobody
   has, is refused with the server's, and comes back with that. */
static struct layout *ask_for_layout(const struct options *options, struct refusal *refusal)
{
    static const char unknown[] = "{\"name\":\"Unknown\",\"size\":1,\"alignment\":1,\"fields\":[]}";
    struct options question = *options;
    question.spoil = 0;
    struct welcome welcome;
    int socket = endpoint_connect(options->name, 10000);
    struct layout *nothing = layout_parse(unknown, strlen(unknown));
    if (protocol_hello(socket, &question, unknown, strlen(unknown), nothing->fingerprint, &welcome, refusal))
        fail("The server accepted a layout that it cannot have.");
    close(socket);
    if (refusal->reason != 1)
        fail("refused for reason %u: %s", refusal->reason, refusal->text);
    return layout_parse(refusal->json, refusal->json_length);
}

int main(int count, char **arguments)
{
    struct options options = { .kind = 1, .role = 1 };
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--kind") == 0 && i + 1 < count)
            options.kind = (unsigned)atoi(arguments[++i]);
        else if (strcmp(arguments[i], "--role") == 0 && i + 1 < count)
            options.role = (unsigned)atoi(arguments[++i]);
        else if (strcmp(arguments[i], "--spoil-fingerprint") == 0)
            options.spoil = 1;
        else if (options.name == NULL)
            options.name = arguments[i];
        else
            fail("usage: c-peer NAME [--kind N] [--role N] [--spoil-fingerprint]");
    }
    if (options.name == NULL)
        fail("usage: c-peer NAME [--kind N] [--role N] [--spoil-fingerprint]");
    setvbuf(stdout, NULL, _IOLBF, 0);

    static struct refusal refusal;
    struct layout *layout = ask_for_layout(&options, &refusal);
    printf("layout %s: %ld bytes, fingerprint %016llx\n", layout->name, layout->size, (unsigned long long)layout->fingerprint);

    struct welcome welcome;
    static struct refusal second;
    int socket = endpoint_connect(options.name, 10000);
    if (!protocol_hello(socket, &options, refusal.json, refusal.json_length, layout->fingerprint, &welcome, &second))
        fail("refused for reason %u: %s", second.reason, second.text);

    /* The channel's regions, then the server's control region: [struct, control] or [description, bare data, control]. */
    struct region description, data, peer;
    if (welcome.regions == 2 && welcome.region[0].kind == KIND_STRUCT) {
        description = region_map(welcome.descriptor[0], &welcome.region[0], layout, 8, 1);
        data = description;
    } else if (welcome.regions == 3 && welcome.region[0].kind == KIND_DESCRIPTION && welcome.region[1].kind == KIND_BARE) {
        description = region_map(welcome.descriptor[0], &welcome.region[0], layout, 8, 0);
        data = region_map_bare(welcome.descriptor[1], &welcome.region[1], layout);
    } else {
        fail("The server sent %u regions, the first of kind %u, which is no struct.", welcome.regions, welcome.region[0].kind);
    }
    if (welcome.region[welcome.regions - 1].kind != KIND_CONTROL)
        fail("The last region is of kind %u, not the control region.", welcome.region[welcome.regions - 1].kind);
    peer = region_map(welcome.descriptor[welcome.regions - 1], &welcome.region[welcome.regions - 1], NULL, 768, 0);

    int descriptor;
    struct region own = region_create_control(&descriptor);
    protocol_attach(socket, descriptor, own.size);
    close(descriptor);

    const uint64_t *signals = (const uint64_t *)(description.address + description.control_offset);
    watch(socket, layout, data.address + data.data_offset, signals, own, peer);
    return 0;
}
