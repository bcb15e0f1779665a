#include "job/bind.h"

#include <string.h>

#include "tap.h"

static int put(void *data, stele_text *out, const char *name, size_t length)
{
    (void)data;
    if (length == 5 && memcmp(name, "batch", 5) == 0)
        stele_text_string(out, "(B)");
    else if (length == 1 && *name == 'k')
        stele_text_string(out, "$1");
    else
        return 0;
    return 1;
}

static void becomes(const char *sql, size_t count, const char *expected)
{
    stele_text out = {0};
    size_t known = stele_bind(&out, sql, put, NULL);
    ok(known == count && !out.failed && strcmp(out.bytes == NULL ? "" : out.bytes, expected) == 0, "%s: %s", sql, out.bytes == NULL ? "" : out.bytes);
    stele_text_free(&out);
}

int main(void)
{
    becomes("UPDATE t SET x = :k FROM :batch b", 2, "UPDATE t SET x = $1 FROM (B) b");
    becomes(":batch", 1, "(B)");
    becomes("x=:k::text", 1, "x=$1::text");
    becomes("x::k", 0, "x::k");
    becomes("f(a := :k)", 1, "f(a := $1)");
    becomes("f(a :=:k)", 1, "f(a :=$1)");
    becomes("a[:k]", 1, "a[$1]");
    becomes("':k' \":k\" $$:k$$ $t$:k$t$", 0, "':k' \":k\" $$:k$$ $t$:k$t$");
    becomes("'it''s :k' || :k", 1, "'it''s :k' || $1");
    becomes("'\\' || :k", 1, "'\\' || $1");
    becomes("E'\\' :k' || :k", 1, "E'\\' :k' || $1");
    becomes("-- :k\n:k /* :k /* :k */ :k */ :k", 2, "-- :k\n$1 /* :k /* :k */ :k */ $1");
    becomes(":key :batches :other", 0, ":key :batches :other");
    becomes("a$$:k", 1, "a$$$1"); /* the dollars are of a name */
    becomes("$1:k", 1, "$1$1");
    becomes("'open :k", 0, "'open :k");
    becomes("$x$ open :k", 0, "$x$ open :k");
    becomes("/* open :k", 0, "/* open :k");
    becomes("\xc3\xa4:k", 1, "\xc3\xa4$1");
    becomes(":", 0, ":");
    return done();
}
