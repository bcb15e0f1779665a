#include "copy.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void put(stele_text *out, uint64_t number, unsigned bytes)
{
    char *room = stele_text_room(out, bytes);
    for (unsigned i = 0; room != NULL && i < bytes; i++)
        room[i] = (char)(number >> (8 * (bytes - 1 - i)));
}

void stele_copy_begin(stele_text *out)
{
    stele_text_bytes(out, "PGCOPY\n\377\r\n\0", 11);
    put(out, 0, 4);
    put(out, 0, 4);
}

void stele_copy_row(stele_text *out, unsigned fields)
{
    put(out, fields, 2);
}

void stele_copy_field(stele_text *out, const char *bytes, size_t length)
{
    put(out, bytes == NULL ? UINT32_MAX : length, 4);
    if (bytes != NULL)
        stele_text_bytes(out, bytes, length);
}

void stele_copy_end(stele_text *out)
{
    put(out, UINT16_MAX, 2);
}

static bool put_integer(stele_text *out, const char *text, unsigned bytes)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0')
        return false;
    put(out, bytes, 4);
    put(out, (uint64_t)number, bytes);
    return true;
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool put_uuid(stele_text *out, const char *text)
{
    char bytes[16];
    size_t count = 0;
    for (; *text != '\0'; text++) {
        int digit = digit_of(*text);
        if (*text == '-')
            continue;
        if (digit < 0 || count == 32)
            return false;
        bytes[count / 2] = (char)(count % 2 == 0 ? digit << 4 : bytes[count / 2] | digit);
        count++;
    }
    if (count == 32)
        stele_copy_field(out, bytes, sizeof bytes);
    return count == 32;
}

/* With a length in parentheses, or without one; an array of these has brackets behind that. */
static bool is_text(const char *type)
{
    static const char varying[] = "character varying";
    const char *rest = type + sizeof varying - 1;
    if (strncmp(type, varying, sizeof varying - 1) != 0)
        return strcmp(type, "text") == 0;
    return *rest == '\0' || (*rest == '(' && type[strlen(type) - 1] == ')');
}

bool stele_copy_knows(const char *type)
{
    return strcmp(type, "bigint") == 0 || strcmp(type, "integer") == 0 || strcmp(type, "smallint") == 0 || strcmp(type, "uuid") == 0 || is_text(type);
}

bool stele_copy_key(stele_text *out, const char *type, const char *text)
{
    if (text == NULL)
        return false;
    if (strcmp(type, "bigint") == 0)
        return put_integer(out, text, 8);
    if (strcmp(type, "integer") == 0)
        return put_integer(out, text, 4);
    if (strcmp(type, "smallint") == 0)
        return put_integer(out, text, 2);
    if (strcmp(type, "uuid") == 0)
        return put_uuid(out, text);
    if (!is_text(type))
        return false;
    stele_copy_field(out, text, strlen(text));
    return true;
}
