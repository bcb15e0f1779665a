/*
 * job/script_place.c: where a key stands in a script; and the words and characters that its messages are about: nearest.c, utf8.c.
 */
#include "nearest.h"
#include "tap.h"
#include "utf8.h"

#include <string.h>

#ifndef STELE_NO_LUA

#include "job/script_inside.h"

/* The key is where ^ stands, which isn't part of the text; without one, nowhere. */
static void place(const char *path, const char *marked)
{
    char text[512];
    const char *mark = strchr(marked, '^');
    size_t before = mark == NULL ? strlen(marked) : (size_t)(mark - marked);
    memcpy(text, marked, before);
    strcpy(text + before, mark == NULL ? "" : mark + 1);
    long found = stele_script_find(text, strlen(text), path);
    ok(found == (mark == NULL ? -1 : (long)before), "%s is found at %ld of %.*s", path, found, (int)strcspn(text, "\n"), text);
    bool inside = true; /* a text that was cut anywhere is gone through to its end, and no further */
    for (size_t length = 0; length < strlen(text); length++)
        inside = inside && stele_script_find(text, length, path) < (long)length;
    ok(inside, "and in each beginning of it");
}

static void test_places(void)
{
    place("a", "return { ^a = 1 }");
    place("a", "local t = { a = 1 } return { b = { a = 2 }, ^a = 3 }");
    place("a", "return { b = \"a = 1\", c = 'a = 2', d = [[ a = 3 ]], e = [==[ ]] a = 4 ]==], --[[ a = 5 ]] -- a = 6\n ^a = 7 }");
    place("a", "return { f = function(x) local a = 1 if x then a = 2 end for i = 1, 2 do a = 3 end repeat a = 4 until a == 5 return { a = 6 } end, ^a = 7 }");
    place("a", "return { b = a == 1, ^a = 2 }");
    place("b.a", "return { a = 1, b = { c = 1, ^a = 2 } }");
    place("b.a", "return { b = http { c = { a = 1 }, ^a = 2 } }");
    place("b.a", "return { ^b = made, c = { a = 1 } }");
    place("a", "return { 'it\\'s a = 1', \"\\\\\", ^a = 2 }");
    place("a", "local function f() return { a = 1 } end\nreturn { ^a = 2 }");
    place("a", "local t = { a = 1 } return t");
    place("a", "return { b = 1 }");
    place("b.a", "return { b = { c = 1 }, a = 2 }");
    place("a", "");
    place("a", "return {");
    place("a", "return { \"");
    place("a", "return { [[");
    place("a", "return { --[==[");
}

#endif

static const char *nearest_of(const char *name, const char *a, const char *b)
{
    stele_nearest nearest = {.name = name};
    stele_nearest_offer(&nearest, a);
    stele_nearest_offer(&nearest, b);
    return nearest.best == NULL ? "" : nearest.best;
}

static size_t valid(const char *text)
{
    return stele_utf8_valid(text, strlen(text));
}

int main(void)
{
    char longest[200];
    memset(longest, 'a', sizeof longest);
    longest[199] = '\0';
#ifndef STELE_NO_LUA
    test_places();
#endif
    ok(strcmp(nearest_of("tabel", "title", "table"), "table") == 0, "two letters swapped");
    ok(strcmp(nearest_of("tble", "table", "x"), "table") == 0 && strcmp(nearest_of("tabble", "x", "table"), "table") == 0, "one that is missing, or too many");
    ok(nearest_of("wholly", "table", "other")[0] == '\0', "nothing that is far away");
    ok(nearest_of(longest, longest, "a")[0] == '\0' && nearest_of("a", longest, longest)[0] == '\0', "nor anything that is too long to be compared");
    ok(valid("") == 0 && valid("abc") == 3 && valid("abcdefgh\xc3\xa4xyz") == 13 && valid("\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf") == 11, "UTF-8 is");
    ok(valid("ab\xff") == 2 && valid("abcdefghi\xc3") == 9 && valid("\x80") == 0 && valid("a\xc0\x80") == 1 && valid("a\xe0\x80\x80") == 1 &&
           valid("a\xed\xa0\x80") == 1 && valid("a\xf0\x80\x80\x80") == 1 && valid("a\xf4\x90\x80\x80") == 1 && valid("a\xf5\x80\x80\x80") == 1,
       "half characters, overlong forms, surrogates, and what is above them all are not");
    return done();
}
