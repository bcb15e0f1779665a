#include "text.h"

#include <string.h>

bool spells(const char *bytes, size_t length, const char *word)
{
    for (size_t i = 0; i < length; i++) {
        char c = bytes[i] >= 'A' && bytes[i] <= 'Z' ? (char)(bytes[i] + 'a' - 'A') : bytes[i];
        if (c != word[i] || c == '\0')
            return false;
    }
    return word[length] == '\0';
}

size_t hash_string(const char *string)
{
    size_t sum = 5381;
    for (; *string != '\0'; string++)
        sum = sum * 33 + (unsigned char)*string;
    return sum;
}

char *path_join(struct memory *memory, const char *directory, const char *name)
{
    size_t length = strlen(directory);
    bool slash = length > 0 && directory[length - 1] == '/';
    return memory_print(memory, "%s%s%s", directory, slash ? "" : "/", name);
}

const char *quote_name(struct memory *memory, const char *schema, const char *name)
{
    stele_text text = {0};
    const char *parts[] = {schema, name};
    for (size_t i = 0; i < 2; i++) {
        if (parts[i] == NULL)
            continue;
        stele_text_string(&text, text.length == 0 ? "\"" : ".\"");
        for (const char *p = parts[i]; *p != '\0'; p++)
            stele_text_bytes(&text, *p == '"' ? "\"\"" : p, *p == '"' ? 2 : 1);
        stele_text_string(&text, "\"");
    }
    return memory_take(memory, &text);
}

/* A quoted word from text[at], which is the quote. Returns where it ends, or `end` + 1 when it never does. */
static uint32_t take_quoted(struct memory *memory, const char *text, uint32_t at, uint32_t end, struct word *word)
{
    char *copy = memory_get(memory, end - at + 1, 1);
    size_t length = 0;
    for (at++; at < end && text[at] != '"'; at++) {
        if (text[at] == '\\' && at + 1 < end && (text[at + 1] == '"' || text[at + 1] == '\\'))
            at++;
        copy[length++] = text[at];
    }
    word->text = copy;
    word->quoted = true;
    return at + 1;
}

size_t words_split(struct memory *memory, const char *text, uint32_t begin, uint32_t end, bool comments,
                   struct word *words, size_t most, const char **problem)
{
    size_t count = 0;
    for (uint32_t at = begin;;) {
        while (at < end && is_space(text[at]))
            at++;
        if (at >= end || (comments && text[at] == '#'))
            return count;
        struct word *word = &words[count];
        word->begin = at;
        word->quoted = false;
        if (count == most - 1) {
            *problem = "too many words";
            return count;
        }
        if (text[at] == '"') {
            at = take_quoted(memory, text, at, end, word);
        } else {
            while (at < end && !is_space(text[at]))
                at++;
            word->text = memory_copy(memory, text + word->begin, at - word->begin);
        }
        word->end = at;
        if (at > end) {
            *problem = "missing closing quote";
            return count;
        }
        if (at < end && !is_space(text[at])) {
            word->begin = at;
            *problem = "text directly after a closing quote";
            return count;
        }
        count++;
    }
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t edit_distance(const char *a, const char *b)
{
    enum { LONGEST = 40 };
    size_t rows[3][LONGEST + 1], m = strlen(a), n = strlen(b);
    if (m > LONGEST || n > LONGEST)
        return LONGEST;
    for (size_t i = 0; i <= m; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            if (i == 0) {
                row[j] = j;
                continue;
            }
            row[j] = least(above[j - 1] + (a[i - 1] != b[j - 1]), 1 + least(above[j], row[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
    }
    return rows[m % 3][n];
}
