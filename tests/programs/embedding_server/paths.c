#define _POSIX_C_SOURCE 200809L
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../test_vector.h"
#include "server.h"

static void decode_form(char *text)
{
    char *to = text;
    for (char *at = text; *at != '\0'; at++) {
        unsigned byte;
        if (*at == '%' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2]) && sscanf(at + 1, "%2x", &byte) == 1) {
            *to++ = (char)byte;
            at += 2;
        } else {
            *to++ = *at == '+' ? ' ' : *at;
        }
    }
    *to = '\0';
}

static void take_vector(connection *c, char *query)
{
    static float vector[1 << 16];
    char *text = NULL, model[128] = "test", *rest = NULL;
    unsigned dimensions = (unsigned)set.dimensions;
    for (char *part = strtok_r(query, "&", &rest); part != NULL; part = strtok_r(NULL, "&", &rest)) {
        decode_form(part);
        if (strncmp(part, "text=", 5) == 0)
            text = part + 5;
        else if (strncmp(part, "model=", 6) == 0)
            snprintf(model, sizeof model, "%s", part + 6);
        else if (strncmp(part, "dimensions=", 11) == 0)
            dimensions = (unsigned)atoi(part + 11);
    }
    stele_text out = {0};
    if (text == NULL)
        text = (char[]){""};
    test_vector(vector, model, text, strlen(text), dimensions);
    for (unsigned i = 0; i < dimensions; i++)
        stele_text_print(&out, "%s%.9g", i == 0 ? "[" : ",", (double)vector[i]);
    stele_text_string(&out, "]\n");
    answer(c, 200, "", out.bytes, out.length);
    stele_text_free(&out);
}

static void take_stats(connection *c)
{
    stele_text out = {0};
    print_counts(&out);
    answer(c, 200, "", out.bytes, out.length);
    stele_text_free(&out);
}

static void take_control(connection *c, char *body, size_t length)
{
    char *copy = malloc(length + 1), *rest = NULL;
    bool ok = true;
    memcpy(copy, body, length);
    copy[length] = '\0';
    for (char *line = strtok_r(copy, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
        ok &= control(line);
    free(copy);
    answer(c, ok ? 200 : 400, "", "", 0);
}

static void redirect(connection *c)
{
    char headers[sizeof set.location + 32];
    static const char page[] = "<html><head><title>302 Found</title></head></html>";
    snprintf(headers, sizeof headers, "Location: %s\r\n", set.location[0] == '\0' ? "/v1/embeddings" : set.location);
    answer(c, 302, headers, page, sizeof page - 1);
}

void take_request(connection *c, char *head, char *body, size_t length)
{
    char method[8], path[1 << 16];
    c->due = now();
    if (sscanf(head, "%7s %65535s", method, path) != 2)
        method[0] = path[0] = '\0';
    if (strcmp(path, "/v1/embeddings") == 0)
        take_embeddings(c, head, body, length);
    else if (strncmp(path, "/vector?", 8) == 0)
        take_vector(c, path + 8);
    else if (strcmp(path, "/stats") == 0)
        take_stats(c);
    else if (strcmp(path, "/control") == 0)
        take_control(c, body, length);
    else if (strncmp(path, "/elsewhere/", 11) == 0)
        redirect(c);
    else
        complain(c, 404, "", "not_found", "there is nothing at %.200s", path);
}
