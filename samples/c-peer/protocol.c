/* The handshake of docs/protocol.md, the client's side. */
#include "c-peer.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "All numbers of the protocol are little-endian, and this program copies them as they are."
#endif

enum { HELLO = 1, WELCOME = 2, REFUSE = 3, ATTACH = 4, READY = 5 };
enum { VERSION = 1, MAX_PARAMETERS = 8, MAX_PACKET = 2 * MAX_JSON + 4096, TIMEOUT_MS = 10000 };

/* Bit 2: this end may park. It issues no membarrier, so the writer fences for it. */
enum { ABILITIES = 4 };

/* A packet that is being written or read. */
struct packet {
    uint8_t bytes[MAX_PACKET];
    size_t length, at;
    int descriptor[MAX_REGIONS];
    unsigned descriptors;
};

static struct packet packet;

static void put(const void *bytes, size_t length)
{
    memcpy(packet.bytes + packet.length, bytes, length);
    packet.length += length;
}

static void put16(uint16_t value) { put(&value, sizeof value); }
static void put32(uint32_t value) { put(&value, sizeof value); }
static void put64(uint64_t value) { put(&value, sizeof value); }

static const void *take(size_t length)
{
    if (length > packet.length - packet.at)
        fail("The server's message ends too early.");
    packet.at += length;
    return packet.bytes + packet.at - length;
}

static uint16_t take16(void) { uint16_t value; memcpy(&value, take(sizeof value), sizeof value); return value; }
static uint32_t take32(void) { uint32_t value; memcpy(&value, take(sizeof value), sizeof value); return value; }
static uint64_t take64(void) { uint64_t value; memcpy(&value, take(sizeof value), sizeof value); return value; }

static uint32_t take_count(uint32_t most)
{
    uint32_t count = take32();
    if (count > most)
        fail("The server's message has a count of %u where at most %u is allowed.", count, most);
    return count;
}

static void begin(uint16_t type)
{
    packet.length = 0;
    put("TShm", 4);
    put16(type);
    put16(VERSION);
    put32(0);
    put32(0);
}

static void wait_for(int socket, short events)
{
    struct pollfd poll_for = { .fd = socket, .events = events };
    int ready = poll(&poll_for, 1, TIMEOUT_MS);
    if (ready == 0)
        fail("The server does not answer.");
    if (ready < 0 && errno != EINTR)
        fail_errno("poll");
}

/* Sends the packet. A server that has hung up has said why: the next receive finds it. */
static void send_packet(int socket, int descriptor)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = { 0 };
    uint32_t length = (uint32_t)packet.length;
    memcpy(packet.bytes + 8, &length, sizeof length);
    struct iovec vector = { packet.bytes, packet.length };
    struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
    if (descriptor >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
    }
    while (sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
        if (errno == EPIPE || errno == ECONNRESET)
            return;
        if (errno != EAGAIN && errno != EINTR)
            fail_errno("sendmsg");
        wait_for(socket, POLLOUT);
    }
}

/* Receives a packet and returns its type. The control buffer has room for more descriptors than any message brings, so one
   too many is counted, and not lost. */
static uint16_t receive_packet(int socket)
{
    union {
        char bytes[CMSG_SPACE((MAX_REGIONS + 1) * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec vector = { packet.bytes, sizeof packet.bytes };
    struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes };
    ssize_t received;
    while ((received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0) {
        /* ECONNRESET comes once, if the server closed with packets of ours unread; what it said before is still there. */
        if (errno == EAGAIN)
            wait_for(socket, POLLIN);
        else if (errno != EINTR && errno != ECONNRESET)
            fail_errno("recvmsg");
    }
    if (received == 0)
        fail("The server hung up in the middle of the handshake.");
    if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
        fail("The server sent a message or descriptors that do not fit.");

    packet.descriptors = 0;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part != NULL; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        if (packet.descriptors + count > MAX_REGIONS)
            fail("The server sent more than %d descriptors.", MAX_REGIONS);
        memcpy(packet.descriptor + packet.descriptors, CMSG_DATA(part), count * sizeof(int));
        packet.descriptors += (unsigned)count;
    }

    packet.length = (size_t)received;
    packet.at = 0;
    bool is_magic = memcmp(take(4), "TShm", 4) == 0;
    uint16_t type = take16();
    uint16_t version = take16();
    if (!is_magic || take32() != packet.length)
        fail("The server's message is none of this protocol.");
    if (version != VERSION && type != REFUSE)
        fail("The server speaks version %u of the protocol, this program version %u.", version, VERSION);
    take32();
    return type;
}

static void take_refusal(struct refusal *refusal)
{
    refusal->reason = take32();
    uint32_t length = take_count(MAX_TEXT);
    memcpy(refusal->text, take(length), length);
    refusal->text[length] = '\0';
    for (uint32_t i = 0; i < length; i++)
        if ((uint8_t)refusal->text[i] < ' ' || refusal->text[i] == 0x7f)
            refusal->text[i] = '?';
    refusal->json_length = 0;
    if (take_count(MAX_LAYOUTS) != 1)
        return;
    uint64_t stated = take64();
    refusal->json_length = take_count(MAX_JSON);
    memcpy(refusal->json, take(refusal->json_length), refusal->json_length);
    if (layout_parse(refusal->json, refusal->json_length)->fingerprint != stated)
        fail("The server states a fingerprint that is not the one of its layout.");
}

bool protocol_hello(int socket, const struct options *options, const char *json, size_t length, uint64_t fingerprint,
                    struct welcome *welcome, struct refusal *refusal)
{
    begin(HELLO);
    put16((uint16_t)options->kind);
    put16((uint16_t)options->role);
    put32(ABILITIES);
    put32(1);
    put64(fingerprint + options->spoil);
    put32((uint32_t)length);
    put(json, length);
    send_packet(socket, -1);

    uint16_t type = receive_packet(socket);
    if (type == REFUSE) {
        take_refusal(refusal);
        return false;
    }
    if (type != WELCOME)
        fail("The server answered Hello with message %u.", type);

    take32();
    take(take_count(MAX_PARAMETERS) * sizeof(int64_t)); /* a struct has none */
    welcome->regions = take_count(MAX_REGIONS);
    for (unsigned i = 0; i < welcome->regions; i++) {
        welcome->region[i].kind = take16();
        welcome->region[i].access = take16();
        take32();
        welcome->region[i].size = (int64_t)take64();
    }
    if (packet.descriptors != welcome->regions)
        fail("The server sent %u descriptors for %u regions.", packet.descriptors, welcome->regions);
    memcpy(welcome->descriptor, packet.descriptor, sizeof welcome->descriptor);

    /* The layouts have to be equal before anything is mapped. */
    if (take_count(MAX_LAYOUTS) != 1)
        fail("The server has another number of layouts than a struct.");
    uint64_t stated = take64();
    uint32_t stated_length = take_count(MAX_JSON);
    if (stated != fingerprint || layout_parse(take(stated_length), stated_length)->fingerprint != fingerprint)
        fail("The server welcomes with another layout.");
    return true;
}

void protocol_attach(int socket, int descriptor, int64_t size)
{
    begin(ATTACH);
    put32(1);
    put16(KIND_CONTROL);
    put16(0);
    put32(0);
    put64((uint64_t)size);
    send_packet(socket, descriptor);

    uint16_t type = receive_packet(socket);
    if (type == REFUSE) {
        static struct refusal refusal;
        take_refusal(&refusal);
        fail("refused for reason %u: %s", refusal.reason, refusal.text);
    }
    if (type != READY || packet.descriptors != 0)
        fail("The server answered Attach with message %u and %u descriptors.", type, packet.descriptors);
    take64(); /* the position to start from: a struct has none */
    if (take_count(MAX_REGIONS) != 0)
        fail("The server made regions for this client, which a struct has none of.");
}
