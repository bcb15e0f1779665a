/*
 * Where a key stands in the text of a job's file. A script that makes its table in another way than behind `return` has its errors without a line.
 */
#include "script_scan.h"

#include <string.h>

/* The key of this name in the table that s is within; s is behind it then. */
static long find_key(stele_scan *s, const char *name, size_t length)
{
    int depth = 0, blocks = 0;
    while (stele_scan_next(s) != STELE_TOKEN_END && depth >= 0) {
        if (depth == 0 && blocks == 0 && stele_scan_is_word(s, name, length)) {
            stele_scan ahead = *s;
            if (stele_scan_next(&ahead) == STELE_TOKEN_MARK && ahead.mark == '=')
                return (long)s->begin;
        }
        depth += stele_scan_depth(s);
        blocks += stele_scan_blocks(s);
    }
    return -1;
}

long stele_script_find(const char *text, size_t length, const char *path)
{
    stele_scan s = {.text = text, .length = length};
    if (!stele_scan_table(&s))
        return -1;
    for (;;) {
        size_t part = strcspn(path, ".");
        long found = find_key(&s, path, part);
        if (found < 0 || path[part] == '\0')
            return found;
        while (stele_scan_next(&s) != STELE_TOKEN_END && !stele_scan_is_mark(&s, '{'))
            if (stele_scan_is_mark(&s, ','))
                return found; /* made elsewhere: where it is used is as near as can be told */
        path += part + 1;
    }
}

long stele_script_find_text(const char *text, size_t length, long key, const char *value)
{
    stele_scan s = {.text = text, .length = length, .at = (size_t)key};
    for (int depth = 0; stele_scan_next(&s) != STELE_TOKEN_END && depth >= 0 && (depth > 0 || !stele_scan_is_mark(&s, ',')); depth += stele_scan_depth(&s))
        if (s.kind == STELE_TOKEN_TEXT && s.at - s.begin == strlen(value) + 2 && memcmp(text + s.begin + 1, value, strlen(value)) == 0)
            return (long)s.begin;
    return key;
}
