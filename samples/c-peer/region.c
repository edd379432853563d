/* Memory, as docs/format.md describes it: what is received is checked, what is sent is sealed. */
#include "c-peer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x10
#endif

#define SIZE_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW)
#define HUGETLBFS 0x958458f6
#define MAGIC "TypedShm"

struct header {
    char magic[8];
    uint16_t major, minor, kind, flags;
    int64_t region_size;
    uint64_t fingerprint, epoch;
    uint32_t layout_offset, layout_length;
    int64_t control_offset, control_length, data_offset, stride, count;
    uint32_t value_size, value_alignment;
    uint8_t zero[32];
};
_Static_assert(sizeof(struct header) == 128, "the header has 128 bytes");

/* The seals come first: they are the kernel's own answer for any file, and prove that this is a memfd. */
static uint8_t *map(int descriptor, int64_t size, int needed_seals)
{
    int seals = fcntl(descriptor, F_GET_SEALS);
    if (seals < 0 || (seals & needed_seals) != needed_seals)
        fail("A region has the seals 0x%x, but 0x%x is needed.", (unsigned)seals, (unsigned)needed_seals);

    struct statfs file_system;
    if (fstatfs(descriptor, &file_system) != 0)
        fail_errno("fstatfs");
    if ((uint32_t)file_system.f_type == HUGETLBFS)
        fail("A region is on huge pages, which were not asked for.");

    struct stat status;
    if (fstat(descriptor, &status) != 0)
        fail_errno("fstat");
    if (!S_ISREG(status.st_mode) || status.st_size != size || size <= 0)
        fail("A region has %lld bytes, but %lld were announced.", (long long)status.st_size, (long long)size);
    if ((int64_t)status.st_blocks * 512 < size)
        fail("Of the %lld bytes of a region only %lld are allocated.", (long long)size, (long long)status.st_blocks * 512);

    void *address = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (address == MAP_FAILED)
        fail_errno("mmap");
    printf("region: inode %llu, %lld bytes, seals 0x%x\n", (unsigned long long)status.st_ino, (long long)size, (unsigned)seals);
    close(descriptor);
    return address;
}

/* No sum that could overflow: the length is compared with what is left behind the offset. */
static bool contains(int64_t size, int64_t offset, int64_t length, int64_t alignment)
{
    return offset >= (int64_t)sizeof(struct header) && length >= 0 && offset <= size && length <= size - offset && offset % alignment == 0;
}

struct region region_map(int descriptor, const struct region_info *info, const struct layout *layout, int64_t control_length, int64_t count)
{
    if (info->access != 0)
        fail("A region is sent for writing, which was not asked for.");
    int64_t size = info->size;
    uint8_t *address = map(descriptor, size, SIZE_SEALS | F_SEAL_FUTURE_WRITE);

    /* From here on only the copy is looked at: the peer could change the original between two looks. */
    struct header header;
    memcpy(&header, address, sizeof header);
    if (memcmp(header.magic, MAGIC, sizeof header.magic) != 0 || header.major != 1)
        fail("A region is of no format or version that this program knows.");
    if (header.kind != info->kind || header.region_size != size)
        fail("A region's header states kind %u and %lld bytes; kind %u and %lld were announced.", header.kind,
             (long long)header.region_size, info->kind, (long long)size);
    if (header.fingerprint != (layout != NULL ? layout->fingerprint : 0) || header.value_size != (layout != NULL ? layout->size : 0)
        || header.value_alignment != (layout != NULL ? layout->alignment : 0))
        fail("A region's header states another layout.");
    if (header.control_length < control_length || !contains(size, header.control_offset, header.control_length, 128))
        fail("A region has its control words in an impossible place.");
    if (header.count != count)
        fail("A region has %lld elements, not %lld.", (long long)header.count, (long long)count);
    if (count > 0 && (header.stride < header.value_size || header.stride > size / count
                      || !contains(size, header.data_offset, header.stride * count, sysconf(_SC_PAGESIZE))))
        fail("A region has its data in an impossible place.");
    if (layout != NULL) {
        if (!contains(size, header.layout_offset, header.layout_length, 1) || header.layout_length > MAX_JSON)
            fail("A region has its layout in an impossible place.");
        char *json = malloc(header.layout_length + 1);
        if (json == NULL)
            fail("out of memory");
        memcpy(json, address + header.layout_offset, header.layout_length);
        if (layout_parse(json, header.layout_length)->fingerprint != layout->fingerprint)
            fail("A region describes another layout than its header states.");
        free(json);
    }
    return (struct region){ address, size, header.control_offset, header.data_offset };
}

struct region region_map_bare(int descriptor, const struct region_info *info, const struct layout *layout)
{
    if (info->access != 0)
        fail("A region is sent for writing, which was not asked for.");
    if (info->size < layout->size)
        fail("The bare data has %lld bytes, fewer than the struct.", (long long)info->size);
    return (struct region){ map(descriptor, info->size, SIZE_SEALS), info->size, 0, 0 };
}

struct region region_create_control(int *descriptor)
{
    int64_t size = sysconf(_SC_PAGESIZE);
    int file = memfd_create("typedshm:c-peer:control", MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
    if (file < 0 && errno == EINVAL)
        file = memfd_create("typedshm:c-peer:control", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file < 0 || ftruncate(file, size) != 0 || fallocate(file, 0, 0, size) != 0)
        fail_errno("memfd_create, ftruncate, fallocate");

    /* The mapping that writes is made before the seals: afterwards nobody can make one. */
    uint8_t *address = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (address == MAP_FAILED)
        fail_errno("mmap");
    struct header header = {
        .magic = MAGIC, .major = 1, .kind = KIND_CONTROL, .region_size = size,
        .control_offset = sizeof header, .control_length = 6 * 128,
    };
    if (getrandom(&header.epoch, sizeof header.epoch, 0) != sizeof header.epoch)
        fail_errno("getrandom");
    memcpy(address, &header, sizeof header);
    *(uint32_t *)(address + header.control_offset + 384) = 1;
    if (fcntl(file, F_ADD_SEALS, SIZE_SEALS | F_SEAL_FUTURE_WRITE) != 0)
        fail_errno("fcntl(F_ADD_SEALS)");

    *descriptor = file;
    return (struct region){ address, size, header.control_offset, 0 };
}
