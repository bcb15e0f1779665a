#include "literal.h"

#include "text.h"

#include <string.h>

/* The escape of a byte, or NULL when it stands for itself. Octal has three digits, so that no digit behind it joins. */
static const char *escape_of(unsigned char byte, char before, char room[5])
{
    switch (byte) {
    case '\n':
        return "\\n";
    case '\t':
        return "\\t";
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '?':
        return before == '?' ? "\\?" : NULL; /* two begin a trigraph */
    default:
        if (byte >= ' ' && byte < 127)
            return NULL;
        room[0] = '\\';
        room[1] = (char)('0' + (byte >> 6));
        room[2] = (char)('0' + (byte >> 3 & 7));
        room[3] = (char)('0' + (byte & 7));
        room[4] = '\0';
        return room;
    }
}

void literal_string(stele_text *text, const char *bytes, size_t length)
{
    char room[5];
    size_t plain = 0; /* where the bytes begin that stand for themselves */
    stele_text_bytes(text, "\"", 1);
    for (size_t i = 0; i < length; i++) {
        const char *escape = escape_of((unsigned char)bytes[i], i == 0 ? '\0' : bytes[i - 1], room);
        if (escape == NULL)
            continue;
        stele_text_bytes(text, bytes + plain, i - plain);
        stele_text_string(text, escape);
        plain = i + 1;
    }
    stele_text_bytes(text, bytes + plain, length - plain);
    stele_text_bytes(text, "\"", 1);
}

void literal_or_null(stele_text *text, const char *string)
{
    if (string == NULL)
        stele_text_string(text, "NULL");
    else
        literal_string(text, string, strlen(string));
}

void literal_lines(stele_text *text, const char *bytes, size_t length)
{
    if (length == 0)
        stele_text_string(text, "    \"\"");
    for (size_t at = 0; at < length;) {
        const char *end = memchr(bytes + at, '\n', length - at);
        size_t size = end == NULL ? length - at : (size_t)(end - bytes) - at + 1;
        stele_text_string(text, at == 0 ? "    " : "\n    ");
        literal_string(text, bytes + at, size);
        at += size;
    }
}

void literal_comment(stele_text *text, const char *bytes, size_t length, size_t most)
{
    char before = ' ', room[64] = "";
    size_t used = 0, written = 0;
    for (size_t i = 0; i < length && bytes[i] != '\0'; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        char c = is_space(bytes[i]) ? ' ' : byte < ' ' || byte >= 127 ? '?' : bytes[i];
        if ((c == ' ' && before == ' ') || (byte & 0xc0) == 0x80) /* a character of several bytes is one ? */
            continue;
        if (written++ == most)
            break;
        if ((c == '/' && before == '*') || (c == '*' && before == '/'))
            room[used++] = ' ';
        room[used++] = before = c;
        if (used < sizeof room - 1)
            continue;
        stele_text_bytes(text, room, used);
        used = 0;
    }
    stele_text_bytes(text, room, used);
    if (written > most)
        stele_text_string(text, "...");
}

void literal_name(stele_text *text, const char *name)
{
    for (; *name != '\0'; name++) {
        char c = is_letter(*name) || is_digit(*name) ? *name : '_';
        stele_text_bytes(text, &c, 1);
    }
}
