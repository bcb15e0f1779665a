#include "json.h"

#include "source.h"

#include <string.h>

static void put_escape(stele_text *text, unsigned char byte)
{
    switch (byte) {
    case '"':
    case '\\':
        stele_text_print(text, "\\%c", byte);
        break;
    case '\n':
        stele_text_string(text, "\\n");
        break;
    case '\t':
        stele_text_string(text, "\\t");
        break;
    default:
        stele_text_print(text, "\\u%04x", byte);
        break;
    }
}

void json_string(stele_text *text, const char *bytes, size_t length)
{
    size_t plain = 0; /* where the bytes begin that stand for themselves */
    if (bytes == NULL) {
        stele_text_string(text, "null");
        return;
    }
    stele_text_bytes(text, "\"", 1);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        size_t size = byte < 0x80 ? 1 : utf8_length(bytes + i);
        if (size > 0 && byte >= ' ' && byte != '"' && byte != '\\' && byte != 127) {
            i += size - 1;
            continue;
        }
        stele_text_bytes(text, bytes + plain, i - plain);
        if (size == 0)
            stele_text_string(text, "\\ufffd");
        else
            put_escape(text, byte);
        plain = i + 1;
    }
    stele_text_bytes(text, bytes + plain, length - plain);
    stele_text_bytes(text, "\"", 1);
}

void json_key(stele_text *text, const char *name)
{
    char last = text->length == 0 || text->failed ? '{' : text->bytes[text->length - 1];
    if (last != '{' && last != '[' && last != '\n')
        stele_text_string(text, ", ");
    if (name != NULL)
        stele_text_print(text, "\"%s\": ", name);
}

void json_text(stele_text *text, const char *name, const char *value)
{
    json_key(text, name);
    json_string(text, value, value == NULL ? 0 : strlen(value));
}

void json_number(stele_text *text, const char *name, unsigned long long value)
{
    json_key(text, name);
    stele_text_print(text, "%llu", value);
}

void json_bool(stele_text *text, const char *name, bool value)
{
    json_key(text, name);
    stele_text_string(text, value ? "true" : "false");
}
