#include "literal.h"

#include "text.h"

#include <string.h>

/* Does the byte stand for itself? Of question marks, two begin a trigraph. */
static bool is_plain(unsigned char byte)
{
    return byte >= ' ' && byte < 127 && byte != '"' && byte != '\\' && byte != '?';
}

enum { LONGEST_ESCAPE = 4 };

/* Write what stands for a byte that isn't plain. Octal has three digits, so that no digit behind it joins. */
static char *put_escape(char *to, unsigned char byte, char before)
{
    char letter = byte == '\n' ? 'n' : byte == '\t' ? 't' : byte == '"' || byte == '\\' ? (char)byte : '\0';
    if (byte == '?') {
        if (before == '?')
            *to++ = '\\';
        *to++ = '?';
        return to;
    }
    *to++ = '\\';
    if (letter != '\0') {
        *to++ = letter;
        return to;
    }
    *to++ = (char)('0' + (byte >> 6));
    *to++ = (char)('0' + (byte >> 3 & 7));
    *to++ = (char)('0' + (byte & 7));
    return to;
}

/* A piece of a literal; `before` is the byte in front of it. */
static void put_piece(stele_text *text, const char *bytes, size_t length, char before)
{
    char *to = stele_text_room(text, length * LONGEST_ESCAPE);
    if (to == NULL)
        return;
    for (const char *from = bytes, *end = bytes + length; from < end; from++) {
        if (is_plain((unsigned char)*from))
            *to++ = *from;
        else
            to = put_escape(to, (unsigned char)*from, from == bytes ? before : from[-1]);
    }
    text->length = (size_t)(to - text->bytes);
    text->bytes[text->length] = '\0';
}

void literal_string(stele_text *text, const char *bytes, size_t length)
{
    enum { PIECE = 64 * 1024 }; /* so that room for the worst case is never four times a large file */
    stele_text_bytes(text, "\"", 1);
    for (size_t at = 0; at < length; at += PIECE)
        put_piece(text, bytes + at, length - at < PIECE ? length - at : PIECE, at == 0 ? '\0' : bytes[at - 1]);
    stele_text_bytes(text, "\"", 1);
}

void literal_or_null(stele_text *text, const char *string)
{
    if (string == NULL)
        stele_text_string(text, "NULL");
    else
        literal_string(text, string, strlen(string));
}

void literal_lines(stele_text *text, const char *before, const char *bytes, size_t length)
{
    size_t at = 0;
    do {
        const char *end = length == 0 ? NULL : memchr(bytes + at, '\n', length - at);
        size_t size = end == NULL ? length - at : (size_t)(end - bytes) - at + 1;
        stele_text_string(text, before);
        stele_text_bytes(text, "    ", 4);
        literal_string(text, bytes + at, size);
        at += size;
    } while (at < length);
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
