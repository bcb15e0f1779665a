/*
 * answer_complaint.c - what a provider says when it refuses: every one says it in a form of its own
 *
 *     {"error": {"message": "...", "type": "...", "param": "input[3]", "code": "..."}}   OpenAI, llama.cpp
 *     {"error": "...", "error_type": "Validation"}                                       TEI, Ollama
 *     {"object": "error", "message": "...", "type": "...", "code": 400}                  vLLM, Mistral
 *     {"detail": "..."}, {"detail": [{"loc": ["body", "input", 3], "msg": "..."}]}       what is built with FastAPI: Voyage
 *     <html>, or any text                                                                what stands in front of them
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "answer.h"
#include "json.h"

enum { DEEP = 6 };

static void keep(char *buffer, size_t size, const stele_json_text *text)
{
    size_t length = text->length < size - 1 ? text->length : size - 1;
    if (buffer[0] != '\0' || length == 0)
        return;
    memcpy(buffer, text->bytes, length);
    buffer[length] = '\0';
    for (size_t i = 0; i < length; i++)
        if (buffer[i] == '\0')
            buffer[i] = ' ';
}

static bool is_one_of(const stele_json_text *name, const char *const *names)
{
    for (; *names != NULL; names++)
        if (stele_json_is(name, *names))
            return true;
    return false;
}

/* "input[3]", "$.input.3", "inputs: 3". */
static int64_t find_index(const char *text)
{
    for (const char *at = text; (at = strstr(at, "input")) != NULL;) {
        at += strlen("input");
        at += *at == 's';
        if (*at != '[' && *at != '.')
            continue;
        char *end;
        long index = at[1] >= '0' && at[1] <= '9' ? strtol(at + 1, &end, 10) : -1;
        if (index >= 0 && index < 1000000)
            return index;
    }
    return STELE_NO_SUSPECT;
}

static void take_text(stele_complaint *complaint, stele_json *json, const stele_json_text *name)
{
    static const char *const messages[] = {"message", "msg", "error", "detail", "details", "error_description", "title", NULL};
    static const char *const codes[] = {"code", "type", "error_type", "error_code", NULL};
    stele_json_text text;
    char param[64] = "";
    if (!stele_json_string(json, &text))
        return;
    if (is_one_of(name, messages))
        keep(complaint->message, sizeof complaint->message, &text);
    else if (stele_json_is(name, "code")) /* says more than a type that came before it */
        complaint->code[0] = '\0';
    if (is_one_of(name, codes))
        keep(complaint->code, sizeof complaint->code, &text);
    if (stele_json_is(name, "param"))
        keep(param, sizeof param, &text);
    if (param[0] != '\0' && complaint->suspect < 0)
        complaint->suspect = find_index(param);
    complaint->is_error |= stele_json_is(name, "error") || stele_json_is(name, "detail");
}

static void take(stele_complaint *complaint, stele_json *json, const stele_json_text *name, unsigned depth);

static void take_inside(stele_complaint *complaint, stele_json *json, unsigned depth)
{
    stele_json_text inner;
    bool first = true;
    if (*json->at == '{')
        while (stele_json_member(json, &first, &inner))
            take(complaint, json, &inner, depth + 1);
    else
        while (stele_json_element(json, &first))
            take(complaint, json, &(stele_json_text){.bytes = NULL}, depth + 1);
}

static void take(stele_complaint *complaint, stele_json *json, const stele_json_text *name, unsigned depth)
{
    static const char *const inside[] = {"error", "errors", "detail", "details", NULL};
    double number;
    char kind = stele_json_peek(json);
    if (kind == '"') {
        take_text(complaint, json, name);
    } else if (kind == '0') {
        if (stele_json_number(json, &number) && number >= 400 && number < 600 && (stele_json_is(name, "code") || stele_json_is(name, "status")))
            complaint->status = (int)number;
    } else if ((kind == '{' || kind == '[') && depth < DEEP && (depth == 0 || name->bytes == NULL || is_one_of(name, inside))) {
        complaint->is_error |= stele_json_is(name, "error") || stele_json_is(name, "errors");
        take_inside(complaint, json, depth);
    } else {
        stele_json_skip(json);
    }
}

/* A page of HTML: its text. */
static void take_page(stele_complaint *complaint, const char *body, size_t length)
{
    size_t n = 0;
    bool tag = false;
    for (size_t i = 0; i < length && n < sizeof complaint->message - 1; i++) {
        char c = body[i];
        if (c == '<' || c == '>') {
            tag = c == '<';
            c = ' ';
        }
        if (!tag && c != '\0' && !(c == ' ' && (n == 0 || complaint->message[n - 1] == ' ')))
            complaint->message[n++] = c;
    }
    complaint->message[n] = '\0';
}

void stele_complaint_read(stele_complaint *complaint, char *body, size_t length)
{
    stele_json json = {.at = body, .end = body + length};
    *complaint = (stele_complaint){.suspect = STELE_NO_SUSPECT};
    char kind = stele_json_peek(&json);
    if (kind == '{' || kind == '[')
        take(complaint, &json, &(stele_json_text){.bytes = NULL}, 0);
    else
        take_page(complaint, body, length);
    if (complaint->suspect < 0)
        complaint->suspect = find_index(complaint->message);
}

/* ----------------------------------------------------------- what can be shown */

/* How many bytes at `text` are a part of the key that must not be seen; 0: none. */
static size_t is_key(const char *text, const char *key, size_t length)
{
    size_t least = length < 8 ? length : 8, longest = 0;
    for (size_t from = 0; from + least <= length; from++) {
        size_t same = 0;
        while (from + same < length && text[same] != '\0' && text[same] == key[from + same])
            same++;
        if (same >= least && same > longest)
            longest = same;
    }
    return longest;
}

size_t stele_utf8_character(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t length = at[0] < 0x80 ? 1 : at[0] >= 0xC2 && at[0] < 0xE0 ? 2 : at[0] >= 0xE0 && at[0] < 0xF0 ? 3 : at[0] >= 0xF0 && at[0] < 0xF5 ? 4 : 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    bool odd = (at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xED && at[1] >= 0xA0) || (at[0] == 0xF0 && at[1] < 0x90) || (at[0] == 0xF4 && at[1] >= 0x90);
    return odd ? 0 : length;
}

static bool is_control(const char *at, size_t length)
{
    unsigned char c = (unsigned char)at[0];
    return c < 0x20 || c == 0x7F || (length == 2 && c == 0xC2 && (unsigned char)at[1] < 0xA0);
}

void stele_clean(char *buffer, size_t size, const char *text, const char *key)
{
    size_t n = 0, key_length = key == NULL ? 0 : strlen(key);
    while (*text != '\0') {
        size_t hidden = key_length == 0 ? 0 : is_key(text, key, key_length), length = stele_utf8_character(text);
        const char *put = hidden > 0 ? "***" : length == 0 ? "?" : is_control(text, length) ? " " : text;
        size_t taken = hidden > 0 ? hidden : length == 0 ? 1 : length, written = hidden > 0 ? 3 : put == text ? length : 1;
        bool blank = *put == ' ' && (n == 0 || buffer[n - 1] == ' ');
        if (!blank && n + written >= size)
            break;
        if (!blank) {
            memcpy(buffer + n, put, written);
            n += written;
        }
        text += taken;
    }
    while (n > 0 && buffer[n - 1] == ' ')
        n--;
    buffer[n] = '\0';
}
