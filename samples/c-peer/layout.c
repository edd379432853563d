/* The JSON of a layout, as docs/format.md describes it. The input is the peer's, so every number is checked. */
#include "c-peer.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 64, MAX_NAME = 2048, MAX_PATH = 16384 };

struct text {
    const char *at, *end;
    int depth;
};

static bool next_is(struct text *text, char c)
{
    return text->at < text->end && *text->at == c;
}

static void expect(struct text *text, char c)
{
    if (!next_is(text, c))
        fail("The layout's JSON has no '%c' where one belongs: %.20s", c, text->at < text->end ? text->at : "(its end)");
    text->at++;
}

/* Names and kinds consist of letters, digits and '_', so there is nothing to unescape. */
static char *string(struct text *text)
{
    expect(text, '"');
    const char *start = text->at;
    while (text->at < text->end && *text->at != '"') {
        if (*text->at == '\\' || (unsigned char)*text->at < ' ')
            fail("The layout's JSON has a string with a character that no name contains.");
        text->at++;
    }
    size_t length = (size_t)(text->at - start);
    expect(text, '"');
    if (length == 0 || length > MAX_NAME)
        fail("The layout's JSON has a name of %zu bytes.", length);
    return strndup(start, length);
}

static long number(struct text *text)
{
    long value = 0;
    if (text->at >= text->end || *text->at < '0' || *text->at > '9')
        fail("The layout's JSON has no number where one belongs.");
    while (text->at < text->end && *text->at >= '0' && *text->at <= '9') {
        value = value * 10 + (*text->at++ - '0');
        if (value > INT_MAX)
            fail("The layout's JSON has a number that is too large.");
    }
    return value;
}

static void skip_value(struct text *text);

/* One property name and its colon; false at the end of the object. */
static char *property(struct text *text, bool first)
{
    if (next_is(text, '}')) {
        text->at++;
        return NULL;
    }
    if (!first)
        expect(text, ',');
    char *name = string(text);
    expect(text, ':');
    return name;
}

static void enter(struct text *text, char c)
{
    expect(text, c);
    if (++text->depth > MAX_DEPTH)
        fail("The layout's JSON is nested more than %d deep.", MAX_DEPTH);
}

/* What a later minor version may add. */
static void skip_value(struct text *text)
{
    if (next_is(text, '{')) {
        char *name;
        enter(text, '{');
        for (bool first = true; (name = property(text, first)) != NULL; first = false) {
            free(name);
            skip_value(text);
        }
        text->depth--;
    } else if (next_is(text, '[')) {
        enter(text, '[');
        for (bool first = true; !next_is(text, ']'); first = false) {
            if (!first)
                expect(text, ',');
            skip_value(text);
        }
        expect(text, ']');
        text->depth--;
    } else if (next_is(text, '"')) {
        free(string(text));
    } else {
        const char *start = text->at;
        while (text->at < text->end && strchr(",]}", *text->at) == NULL)
            text->at++;
        if (text->at == start)
            fail("The layout's JSON lacks a value.");
    }
}

static bool boolean(struct text *text)
{
    bool value = next_is(text, 't');
    const char *word = value ? "true" : "false";
    for (; *word != '\0'; word++)
        expect(text, *word);
    return value;
}

static struct field *fields(struct text *text, size_t *count);

static struct field field(struct text *text)
{
    struct field field = { .offset = -1, .size = -1 };
    char *name;
    enter(text, '{');
    for (bool first = true; (name = property(text, first)) != NULL; first = false) {
        if (strcmp(name, "name") == 0) {
            field.name = string(text);
        } else if (strcmp(name, "kind") == 0) {
            char *kind = string(text);
            if (strlen(kind) >= sizeof field.kind)
                fail("The layout has a field of the kind '%s', which this program does not know.", kind);
            strcpy(field.kind, kind);
            free(kind);
        } else if (strcmp(name, "offset") == 0) {
            field.offset = number(text);
        } else if (strcmp(name, "size") == 0) {
            field.size = number(text);
        } else if (strcmp(name, "length") == 0) {
            if ((field.length = number(text)) < 1)
                fail("The layout has an array without elements.");
        } else if (strcmp(name, "atomic") == 0) {
            field.atomic = boolean(text);
        } else if (strcmp(name, "fields") == 0) {
            field.fields = fields(text, &field.count);
        } else {
            skip_value(text);
        }
        free(name);
    }
    text->depth--;
    if (field.name == NULL || field.kind[0] == '\0' || field.offset < 0 || field.size < 1)
        fail("The layout has a field without name, kind, offset or size.");
    return field;
}

static struct field *fields(struct text *text, size_t *count)
{
    struct field *all = NULL;
    enter(text, '[');
    for (*count = 0; !next_is(text, ']'); ++*count) {
        if (*count > 0)
            expect(text, ',');
        struct field one = field(text);
        all = realloc(all, (*count + 1) * sizeof *all);
        if (all == NULL)
            fail("out of memory");
        all[*count] = one;
    }
    expect(text, ']');
    text->depth--;
    return all;
}

/* All three numbers are below 2^31, so nothing here overflows a long of 64 bits. */
static void check(const struct field *fields, size_t count, long size)
{
    for (size_t i = 0; i < count; i++) {
        const struct field *field = &fields[i];
        if (field->offset + field->size * (field->length > 0 ? field->length : 1) > size)
            fail("The field '%s' ends beyond what contains it.", field->name);
        check(field->fields, field->count, field->size);
    }
}

static uint64_t hash(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * 1099511628211u;
    return hash;
}

static uint64_t hash_fields(uint64_t value, const char *prefix, const struct field *fields, size_t count)
{
    static char line[MAX_PATH + 128];
    for (size_t i = 0; i < count; i++) {
        const struct field *field = &fields[i];
        char path[MAX_PATH];
        if (snprintf(path, sizeof path, "%s%s", prefix, field->name) >= (int)sizeof path - 1)
            fail("The layout has a path that is too long.");
        snprintf(line, sizeof line, "%s %s %ld %ld %ld %s\n", path, field->kind, field->offset, field->size, field->length,
                 field->atomic ? "atomic" : "-");
        value = hash(value, line);
        strcat(path, ".");
        value = hash_fields(value, path, field->fields, field->count);
    }
    return value;
}

struct layout *layout_parse(const char *json, size_t length)
{
    struct text text = { json, json + length, 0 };
    struct layout *layout = calloc(1, sizeof *layout);
    char *name;
    if (layout == NULL)
        fail("out of memory");
    enter(&text, '{');
    for (bool first = true; (name = property(&text, first)) != NULL; first = false) {
        if (strcmp(name, "name") == 0)
            layout->name = string(&text);
        else if (strcmp(name, "size") == 0)
            layout->size = number(&text);
        else if (strcmp(name, "alignment") == 0)
            layout->alignment = number(&text);
        else if (strcmp(name, "fields") == 0)
            layout->fields = fields(&text, &layout->count);
        else
            skip_value(&text);
        free(name);
    }
    if (text.at != text.end)
        fail("Something follows the JSON of the layout.");
    if (layout->name == NULL || layout->size < 1 || layout->alignment < 1 || (layout->alignment & (layout->alignment - 1)) != 0)
        fail("The layout has no name, size or alignment.");
    check(layout->fields, layout->count, layout->size);

    char head[64];
    snprintf(head, sizeof head, "typedshm 1 %ld %ld\n", layout->size, layout->alignment);
    layout->fingerprint = hash_fields(hash(14695981039346656037u, head), "", layout->fields, layout->count);
    return layout;
}
