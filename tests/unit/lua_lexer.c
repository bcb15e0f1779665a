/* lua_lexer.c: Lua texts, and the tokens they are. */
#include "lua_lexer.h"

#include <string.h>

#include "tap.h"

static const struct {
    const char *text;
    const char *tokens; /* a letter for the kind and the bytes of each, one behind the other, between bars */
    const char *name;
} cases[] = {
    {"", "", "nothing"},
    {" \t\r\n\v\f", "", "white space"},
    {"local x <const> = y_1", "k local|n x|m <|n const|m >|m =|n y_1", "names, key words, attributes"},
    {"and1 nil_ Nil nil", "n and1|n nil_|n Nil|k nil", "what only begins like a key word is a name"},
    {"gotox goto x", "n gotox|k goto|n x", "goto is a key word"},
    {"a=='b'", "n a|m ==|s 'b'", "the longer operator"},
    {"a~=b//c>>d<<e>=f<=g::h", "n a|m ~=|n b|m //|n c|m >>|n d|m <<|n e|m >=|n f|m <=|n g|m ::|n h", "all of two characters"},
    {"a...b..c.d", "n a|m ...|n b|m ..|n c|m .|n d", "dots"},
    {"~=~ = =", "m ~=|m ~|m =|m =", "white space divides operators"},
    {"1 0x1F .5 5. 1e9 1E+9 1e-9 0x.8p-1 0xA.8P+1 3..2", "d 1|d 0x1F|d .5|d 5.|d 1e9|d 1E+9|d 1e-9|d 0x.8p-1|d 0xA.8P+1|d 3..2",
     "numbers; Lua takes 3..2 for one, and refuses it"},
    {"0x1e+1", "d 0x1e|m +|d 1", "an e in a hexadecimal number is a digit"},
    {"1-2 1--2", "d 1|m -|d 2|d 1|c --2", "a minus isn't part of a number"},
    {"3x", "d 3x", "letters that touch a number"},
    {"'a\"b' \"a'b\"", "s 'a\"b'|s \"a'b\"", "the other quote"},
    {"'a\\'b' '\\\\' 'c'", "s 'a\\'b'|s '\\\\'|s 'c'", "escaped quotes and backslashes"},
    {"'a\\\nb' x", "s 'a\\\nb'|n x", "an escaped line end"},
    {"'a\\\r\nb' x", "s 'a\\\r\nb'|n x", "an escaped line end of two characters"},
    {"'a\\z \n\t b' x", "s 'a\\z \n\t b'|n x", "\\z takes all white space"},
    {"'a\\z'", "s 'a\\z'", "\\z takes none where there is none"},
    {"[[a]b]] x", "s [[a]b]]|n x", "a long string"},
    {"[==[a]]b]=]c]==] x", "s [==[a]]b]=]c]==]|n x", "a long string of level two"},
    {"[[a\\]] x", "s [[a\\]]|n x", "no escapes in a long string"},
    {"[=[]]=]=]", "s [=[]]=]|m =|m ]", "a closing bracket right behind another"},
    {"a[b[1]]", "n a|m [|n b|m [|d 1|m ]|m ]", "brackets that only index"},
    {"a[ [[b]] ]", "n a|m [|s [[b]]|m ]", "a long string as index"},
    {"[=a", "m [|m =|n a", "no long bracket"},
    {"x --y\nz", "n x|c --y|n z", "a comment to the end of the line"},
    {"--[[a\nb]]x", "c --[[a\nb]]|n x", "a long comment"},
    {"--[=[a]]\n]=]x", "c --[=[a]]\n]=]|n x", "a long comment of level one"},
    {"-- [[a\nb", "c -- [[a|n b", "a blank makes it a comment of one line"},
    {"---[[a\nb", "c ---[[a|n b", "so does a third dash"},
    {"--[a\nb", "c --[a|n b", "and one bracket alone"},
    {"--a\rb", "c --a|n b", "a CR ends a line"},
    {"#!/usr/bin/lua\nx #x", "c #!/usr/bin/lua|n x|m #|n x", "a first line with # is a comment"},
    {"\n#x", "m #|n x", "a second one isn't"},
    {"'a", "b 'a", "a string that doesn't end"},
    {"'a\nb", "b 'a|n b", "one that ends with its line only"},
    {"'a\\", "b 'a\\", "one that ends in a backslash"},
    {"[[a]", "b [[a]", "a long string that doesn't end"},
    {"--[[a]", "b --[[a]", "a long comment that doesn't end"},
    {"[==[a]=]", "b [==[a]=]", "closed at another level"},
    {"a \xc3\xb6 $", "n a|b \xc3\xb6|b $", "characters that are none of Lua's"},
    {"!", "b !", "one alone"},
};

static void describe(const char *text, char *out, size_t size)
{
    static const char letters[] = "?cnksdmb";
    struct lua_lexer lexer;
    struct lua_token token;
    size_t used = 0;
    lua_lexer_start(&lexer, text, (uint32_t)strlen(text));
    out[0] = '\0';
    while ((token = lua_lexer_next(&lexer)).kind != LUA_TOKEN_END && used + 4 + (token.end - token.begin) < size) {
        used += (size_t)sprintf(out + used, "%s%c %.*s", used > 0 ? "|" : "", letters[token.kind],
                                (int)(token.end - token.begin), text + token.begin);
        if (token.end <= token.begin)
            return;
    }
}

static void test_strings(void)
{
    static const struct {
        const char *text, *inside;
        bool plain;
    } strings[] = {{"'a'", "a", true}, {"\"a.b\"", "a.b", true}, {"[[a]]", "a", true}, {"[==[a]==]", "a", true},
                   {"''", "", true},   {"'a\\98'", "a\\98", false}, {"[[a\\b]]", "a\\b", true}};
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        const char *text = strings[i].text;
        struct lua_token token = {LUA_TOKEN_STRING, 0, (uint32_t)strlen(text)};
        uint32_t begin, end;
        bool plain = lua_token_plain_string(text, token, &begin, &end);
        ok(plain == strings[i].plain && end - begin == strlen(strings[i].inside) &&
               memcmp(text + begin, strings[i].inside, end - begin) == 0, "inside of %s", text);
    }
}

int main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[512];
        describe(cases[i].text, out, sizeof out);
        ok(strcmp(out, cases[i].tokens) == 0, "%s", cases[i].name);
        if (strcmp(out, cases[i].tokens) != 0)
            printf("# %s\n", out);
    }
    test_strings();
    return done();
}
