/*
 * foreign.c - text from elsewhere on a terminal
 *
 * A message of the server or of a script, a name in the ledger, a reason that somebody gave: any of it may hold what steers a terminal, or turns round what stands beside it. So all of it is printed
 * here, for people and in JSON.
 */
#include "cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- characters */

/* Control characters, of C1 as well; what changes the direction of writing, up to further notice; and line ends that aren't taken for such. */
static bool is_harmful(uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } harmful[] = {{0, 0x1F}, {0x7F, 0x9F}, {0x61C, 0x61C}, {0x200E, 0x200F}, {0x2028, 0x202E}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF}};
    for (size_t i = 0; i < sizeof harmful / sizeof *harmful; i++)
        if (character >= harmful[i].first && character <= harmful[i].last)
            return true;
    return false;
}

/* The UTF-8 character at `s`, and its length: 0 when there is none. */
static size_t read_character(const unsigned char *s, uint32_t *character)
{
    static const unsigned char bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = s[0] < 0x80 ? 1 : s[0] < 0xC0 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] < 0xF8 ? 4 : 0;
    uint32_t value = s[0] & bits[length];
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (s[i] & 0x3Fu);
    }
    *character = value;
    return value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000) ? 0 : length;
}

/* ---------------------------------------------------------------- for people */

/* `prefix` stands before each line but the first; NULL: it is to be one line. */
static void put(FILE *stream, const char *text, size_t length, const char *prefix, char hash)
{
    static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD, one column wide, so that a caret below stands right */
    for (const unsigned char *s = (const unsigned char *)text, *end = s + length; s < end;) {
        uint32_t character = 0;
        size_t size = read_character(s, &character);
        if (*s == '\n' && prefix != NULL)
            fprintf(stream, "\n%s", prefix);
        else if (*s == '\n' || *s == '\t')
            putc(prefix != NULL ? *s : ' ', stream);
        else if (*s == '#')
            putc(hash, stream);
        else if (size == 0 || (is_harmful(character) && (*s != '\r' || s[1] != '\n')))
            fputs(replacement, stream);
        else if (*s != '\r')
            fwrite(s, 1, size, stream);
        s += size == 0 ? 1 : size;
    }
}

void cli_print_foreign(FILE *stream, const char *text)
{
    put(stream, text, strlen(text), NULL, '#');
}

void cli_print_lines(FILE *stream, const char *text, const char *prefix)
{
    size_t length = strlen(text);
    put(stream, text, length > 0 && text[length - 1] == '\n' ? length - 1 : length, prefix, '#');
    putc('\n', stream);
}

/* '#' would begin a directive. */
void cli_tap_title(const char *text)
{
    put(stdout, text, strlen(text), NULL, '*');
    putchar('\n');
}

void cli_printf(FILE *stream, const char *format, ...)
{
    char few[1024], *all = few;
    va_list list;
    va_start(list, format);
    int length = vsnprintf(few, sizeof few, format, list);
    va_end(list);
    if (length >= (int)sizeof few && (all = malloc((size_t)length + 1)) != NULL) {
        va_start(list, format);
        vsnprintf(all, (size_t)length + 1, format, list);
        va_end(list);
    }
    if (all == NULL) /* without memory it is cut */
        all = few;
    put(stream, all, strlen(all), "", '#');
    if (all != few)
        free(all);
}

/* ---------------------------------------------------------------------- JSON */

void cli_json_bytes(FILE *stream, const char *text, size_t length)
{
    putc('"', stream);
    for (const unsigned char *s = (const unsigned char *)text, *end = s + length; s < end;) {
        uint32_t character = 0;
        size_t size = read_character(s, &character);
        if (size == 0)
            fputs("\\ufffd", stream);
        else if (*s == '"' || *s == '\\')
            fprintf(stream, "\\%c", *s);
        else if (*s == '\n')
            fputs("\\n", stream);
        else if (is_harmful(character))
            fprintf(stream, "\\u%04x", (unsigned)character);
        else
            fwrite(s, 1, size, stream);
        s += size == 0 ? 1 : size;
    }
    putc('"', stream);
}

void cli_json_string(FILE *stream, const char *text)
{
    if (text == NULL)
        fputs("null", stream);
    else
        cli_json_bytes(stream, text, strlen(text));
}
