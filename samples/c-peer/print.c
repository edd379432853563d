/* Prints a struct by its layout: every kind of docs/format.md. */
#include "c-peer.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PATH = 16384 };

/* A value is copied once; its bytes may change under a second look. */
#define LOAD(type, address) ({ type value_; memcpy(&value_, (address), sizeof value_); value_; })

static void print_int128(__int128 signed_value, bool is_signed)
{
    char digits[48], *at = digits + sizeof digits;
    bool negative = is_signed && signed_value < 0;
    unsigned __int128 value = negative ? -(unsigned __int128)signed_value : (unsigned __int128)signed_value;
    *--at = '\0';
    do
        *--at = (char)('0' + (int)(value % 10));
    while ((value /= 10) != 0);
    printf("%s%s", negative ? "-" : "", at);
}

static double half(uint16_t bits)
{
    int exponent = bits >> 10 & 31, mantissa = bits & 1023;
    double value = exponent == 0 ? ldexp(mantissa, -24)
        : exponent == 31         ? (mantissa != 0 ? NAN : INFINITY)
                                 : ldexp(mantissa + 1024, exponent - 25);
    return (bits & 0x8000) != 0 ? -value : value;
}

/* flags (sign in bit 31, scale in bits 16 to 23), then 96 bits: high 32, low 64. */
static void print_decimal(const uint8_t *at)
{
    uint32_t flags = LOAD(uint32_t, at);
    unsigned __int128 value = (unsigned __int128)LOAD(uint32_t, at + 4) << 64 | LOAD(uint64_t, at + 8);
    int scale = (int)(flags >> 16 & 0xff);
    char digits[64];
    size_t used = 0;
    while (value != 0 || (int)used <= scale) {
        if (scale != 0 && (int)used == scale)
            digits[used++] = '.', scale = 0;
        digits[used++] = (char)('0' + (int)(value % 10));
        value /= 10;
        if (used > sizeof digits - 2)
            break;
    }
    if ((flags & 0x80000000) != 0)
        putchar('-');
    while (used > 0)
        putchar(digits[--used]);
}

static void print_floats(const uint8_t *at, int count)
{
    for (int i = 0; i < count; i++)
        printf("%s%.9g", i == 0 ? "(" : " ", (double)LOAD(float, at + 4 * i));
    putchar(')');
}

static void print_index(int32_t value)
{
    printf("%s%d", value < 0 ? "^" : "", value < 0 ? ~value : value);
}

static void print_ticks(int64_t ticks)
{
    uint64_t all = ticks < 0 ? -(uint64_t)ticks : (uint64_t)ticks;
    printf("%s%llu.%07llu s", ticks < 0 ? "-" : "", (unsigned long long)(all / 10000000), (unsigned long long)(all % 10000000));
}

/* Days since 1 January of the year 1, in the Gregorian calendar. */
static void print_date(int32_t days)
{
    int year = 1, month = 0;
    static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    year += 400 * (days / 146097);
    days %= 146097;
    while (true) {
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        if (days < 365 + leap) {
            while (days >= lengths[month] + (month == 1 && leap))
                days -= lengths[month] + (month == 1 && leap), month++;
            break;
        }
        days -= 365 + leap;
        year++;
    }
    printf("%04d-%02d-%02d", year, month + 1, days + 1);
}

static void print_rune(uint32_t value)
{
    printf("U+%04X", value);
}

static void print_text(const uint8_t *at, long size)
{
    char *copy = malloc((size_t)size + 1);
    if (copy == NULL)
        fail("out of memory");
    memcpy(copy, at, (size_t)size);
    copy[size] = '\0';
    for (char *c = copy; *c != '\0'; c++)
        if (iscntrl((unsigned char)*c))
            *c = '?';
    printf("\"%s\"", copy);
    free(copy);
}

static void print_hex(const uint8_t *at, int length)
{
    for (int i = 0; i < length; i++)
        printf("%02x", at[i]);
}

static void print_guid(const uint8_t *at)
{
    printf("%08x-%04x-%04x-", LOAD(uint32_t, at), LOAD(uint16_t, at + 4), LOAD(uint16_t, at + 6));
    print_hex(at + 8, 2);
    putchar('-');
    print_hex(at + 10, 6);
}

static void print_integer(const uint8_t *at, long size, bool is_signed)
{
    switch (size) {
    case 1: is_signed ? printf("%d", LOAD(int8_t, at)) : printf("%u", LOAD(uint8_t, at)); break;
    case 2: is_signed ? printf("%d", LOAD(int16_t, at)) : printf("%u", LOAD(uint16_t, at)); break;
    case 4: is_signed ? printf("%d", LOAD(int32_t, at)) : printf("%u", LOAD(uint32_t, at)); break;
    case 8: is_signed ? printf("%lld", (long long)LOAD(int64_t, at)) : printf("%llu", (unsigned long long)LOAD(uint64_t, at)); break;
    case 16: print_int128(LOAD(__int128, at), is_signed); break;
    default: fail("There is no integer of %ld bytes.", size);
    }
}

static const struct {
    const char *kind;
    long size;
} sizes[] = {
    { "bool", 1 }, { "int8", 1 }, { "uint8", 1 }, { "int16", 2 }, { "uint16", 2 }, { "int32", 4 }, { "uint32", 4 }, { "int64", 8 },
    { "uint64", 8 }, { "int128", 16 }, { "uint128", 16 }, { "float16", 2 }, { "float32", 4 }, { "float64", 8 }, { "char16", 2 },
    { "decimal", 16 }, { "guid", 16 }, { "rune", 4 }, { "timespan", 8 }, { "dateonly", 4 }, { "timeonly", 8 }, { "index", 4 },
    { "range", 8 }, { "complex", 16 }, { "vector2", 8 }, { "vector3", 12 }, { "vector4", 16 }, { "quaternion", 16 }, { "plane", 16 },
    { "matrix3x2", 24 }, { "matrix4x4", 64 }, { "vector64", 8 }, { "vector128", 16 },
};

/* A peer may say that its int64 has two bytes; then it would be read beyond its end. */
static void check_size(const struct field *field)
{
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (strcmp(field->kind, sizes[i].kind) == 0 && field->size != sizes[i].size)
            fail("The field '%s' is of kind %s but has %ld bytes.", field->name, field->kind, field->size);
}

static void print_value(const struct field *field, const uint8_t *at)
{
    const char *kind = field->kind;
    check_size(field);
    if (strncmp(kind, "int", 3) == 0)
        print_integer(at, field->size, true);
    else if (strncmp(kind, "uint", 4) == 0)
        print_integer(at, field->size, false);
    else if (strcmp(kind, "bool") == 0)
        printf("%s", *at != 0 ? "true" : "false");
    else if (strcmp(kind, "float16") == 0)
        printf("%.9g", half(LOAD(uint16_t, at)));
    else if (strcmp(kind, "float32") == 0)
        printf("%.9g", (double)LOAD(float, at));
    else if (strcmp(kind, "float64") == 0)
        printf("%.17g", LOAD(double, at));
    else if (strcmp(kind, "char16") == 0)
        print_rune(LOAD(uint16_t, at));
    else if (strcmp(kind, "rune") == 0)
        print_rune(LOAD(uint32_t, at));
    else if (strcmp(kind, "decimal") == 0)
        print_decimal(at);
    else if (strcmp(kind, "guid") == 0)
        print_guid(at);
    else if (strcmp(kind, "timespan") == 0 || strcmp(kind, "timeonly") == 0)
        print_ticks(LOAD(int64_t, at));
    else if (strcmp(kind, "dateonly") == 0)
        print_date(LOAD(int32_t, at));
    else if (strcmp(kind, "index") == 0)
        print_index(LOAD(int32_t, at));
    else if (strcmp(kind, "range") == 0)
        print_index(LOAD(int32_t, at)), printf(".."), print_index(LOAD(int32_t, at + 4));
    else if (strcmp(kind, "complex") == 0)
        printf("(%.17g %.17g)", LOAD(double, at), LOAD(double, at + 8));
    else if (strcmp(kind, "vector64") == 0 || strcmp(kind, "vector128") == 0)
        print_hex(at, (int)field->size);
    else if (strncmp(kind, "vector", 6) == 0 || strncmp(kind, "matrix", 6) == 0 || strcmp(kind, "quaternion") == 0
             || strcmp(kind, "plane") == 0)
        print_floats(at, (int)(field->size / 4));
    else if (strcmp(kind, "text") == 0)
        print_text(at, field->size);
    else
        printf("(%ld bytes of the unknown kind '%s')", field->size, kind);
}

/* The writer stores an atomic field with release order: what it stored before is visible after this load. */
static void load_atomic(const struct field *field, const uint8_t *at, uint8_t *copy)
{
    if (field->size > 8 || (uintptr_t)at % (uintptr_t)field->size != 0)
        fail("The field '%s' cannot be atomic.", field->name);
    switch (field->size) {
    case 1: *copy = __atomic_load_n(at, __ATOMIC_ACQUIRE); break;
    case 2: *(uint16_t *)copy = __atomic_load_n((const uint16_t *)at, __ATOMIC_ACQUIRE); break;
    case 4: *(uint32_t *)copy = __atomic_load_n((const uint32_t *)at, __ATOMIC_ACQUIRE); break;
    case 8: *(uint64_t *)copy = __atomic_load_n((const uint64_t *)at, __ATOMIC_ACQUIRE); break;
    default: fail("An atomic field has 1, 2, 4 or 8 bytes, not %ld.", field->size);
    }
}

static void print_fields(const char *prefix, const struct field *fields, size_t count, const uint8_t *address)
{
    for (size_t i = 0; i < count; i++) {
        const struct field *field = &fields[i];
        const uint8_t *at = address + field->offset;
        if (strcmp(field->kind, "struct") == 0) {
            char path[MAX_PATH];
            for (long j = 0; j < (field->length > 0 ? field->length : 1); j++) {
                int used = field->length > 0 ? snprintf(path, sizeof path, "%s%s[%ld].", prefix, field->name, j)
                                             : snprintf(path, sizeof path, "%s%s.", prefix, field->name);
                if (used >= (int)sizeof path)
                    fail("The layout has a path that is too long.");
                print_fields(path, field->fields, field->count, at + j * field->size);
            }
            continue;
        }

        printf("%s%s = ", prefix, field->name);
        if (field->length > 0) {
            for (long j = 0; j < field->length; j++) {
                printf(j == 0 ? "[" : ", ");
                print_value(field, at + j * field->size);
            }
            putchar(']');
        } else if (field->atomic) {
            _Alignas(8) uint8_t copy[8];
            load_atomic(field, at, copy);
            print_value(field, copy);
        } else {
            print_value(field, at);
        }
        putchar('\n');
    }
}

void print_struct(const struct layout *layout, const uint8_t *address)
{
    print_fields("", layout->fields, layout->count, address);
    puts("--");
}
