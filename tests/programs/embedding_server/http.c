#define _POSIX_C_SOURCE 200809L
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server.h"

void answer(connection *c, int status, const char *headers, const char *body, size_t length)
{
    stele_text *out = &c->out;
    out->length = 0;
    c->sent = 0;
    stele_text_print(out, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n%s", status, status < 300 ? "OK" : "No", headers);
    if (set.chunked != 0 && c->embeds && length > 0) {
        stele_text_string(out, "Transfer-Encoding: chunked\r\n\r\n");
        for (size_t at = 0; at < length; at += 10000) {
            size_t n = length - at < 10000 ? length - at : 10000;
            stele_text_print(out, "%zx\r\n", n);
            stele_text_bytes(out, body + at, n);
            stele_text_string(out, "\r\n");
        }
        stele_text_string(out, "0\r\n\r\n");
    } else {
        stele_text_print(out, "Content-Length: %zu\r\n\r\n", length);
        stele_text_bytes(out, body, length);
    }
}

void complain(connection *c, int status, const char *headers, const char *code, const char *format, ...)
{
    char message[1000];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    const char *said = set.says[0] != '\0' ? set.says : message;
    stele_text body = {0};
    stele_text_string(&body, "{\"error\":{\"message\":");
    stele_json_put(&body, said, strlen(said));
    stele_text_print(&body, ",\"type\":\"test\",\"param\":null,\"code\":\"%s\"}}", code);
    answer(c, status, headers, body.bytes, body.length);
    stele_text_free(&body);
    stats.bad++;
}

void look_at(connection *c)
{
    if (c->due != 0 || c->silent || c->in.length == 0)
        return;
    char *end = strstr(c->in.bytes, "\r\n\r\n");
    if (end == NULL)
        return;
    size_t head = (size_t)(end - c->in.bytes) + 4, length = 0;
    for (char *line = strstr(c->in.bytes, "\r\n"); line != NULL && line < end; line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, "content-length:", 15) == 0)
            length = (size_t)strtoull(line + 17, NULL, 10);
    if (c->in.length < head + length)
        return;
    char *first = malloc(head + 1);
    memcpy(first, c->in.bytes, head);
    first[head] = '\0';
    take_request(c, first, c->in.bytes + head, length);
    free(first);
    memmove(c->in.bytes, c->in.bytes + head + length, c->in.length - head - length + 1);
    c->in.length -= head + length;
}
