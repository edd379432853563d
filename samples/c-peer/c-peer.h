/* A reader of a TypedShm struct that knows nothing of it but docs/protocol.md and docs/format.md. */
#ifndef C_PEER_H
#define C_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MAX_REGIONS = 8, MAX_LAYOUTS = 2, MAX_JSON = 120000, MAX_TEXT = 2048 };
enum { KIND_BARE = 0, KIND_CONTROL = 1, KIND_STRUCT = 2, KIND_DESCRIPTION = 3 };

/* Ends the program: what was found, what was expected. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void fail_errno(const char *call);

int64_t monotonic_ms(void);

/* layout.c: a layout, read from JSON. */
struct field {
    char *name;
    char kind[16];
    long offset, size, length; /* length is 0 if the field is no array */
    bool atomic;
    struct field *fields; /* of a struct */
    size_t count;
};

struct layout {
    char *name;
    long size, alignment;
    struct field *fields;
    size_t count;
    uint64_t fingerprint;
};

struct layout *layout_parse(const char *json, size_t length);

/* endpoint.c: from a name to a connected socket whose other end is of this user. */
int endpoint_connect(const char *name, int timeout_ms);

/* protocol.c: the handshake. */
struct options {
    const char *name;
    unsigned kind, role;
    uint64_t spoil; /* is added to the fingerprint that is stated */
};

struct region_info {
    uint16_t kind, access;
    int64_t size;
};

struct refusal {
    uint32_t reason;
    char text[MAX_TEXT + 1];
    size_t json_length; /* of the server's layout, if the reason is 1 */
    char json[MAX_JSON];
};

struct welcome {
    unsigned regions;
    struct region_info region[MAX_REGIONS];
    int descriptor[MAX_REGIONS];
};

/* Says Hello and gets Welcome (true) or Refuse (false). */
bool protocol_hello(int socket, const struct options *options, const char *json, size_t length, uint64_t fingerprint,
                    struct welcome *welcome, struct refusal *refusal);

/* Sends Attach with the own control region and waits for Ready. */
void protocol_attach(int socket, int descriptor, int64_t size);

/* region.c: memory. */
struct region {
    uint8_t *address;
    int64_t size, control_offset, data_offset;
};

/* Checks and maps a region with a header, or bare data; closes the descriptor. */
struct region region_map(int descriptor, const struct region_info *info, const struct layout *layout, int64_t control_length,
                         int64_t count);
struct region region_map_bare(int descriptor, const struct region_info *info, const struct layout *layout);

/* Creates the control region of this end; *descriptor is to be sent. */
struct region region_create_control(int *descriptor);

/* print.c: every field of a struct at an address. */
void print_struct(const struct layout *layout, const uint8_t *address);

/* watch.c: prints the struct at each signal, until the writer hangs up. */
void watch(int socket, const struct layout *layout, const uint8_t *value, const uint64_t *signals, struct region own, struct region peer);

#endif
