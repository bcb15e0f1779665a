#include "ledger.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

/* ----------------------------------------------------------------- reading */

char *stele_component_array(const stele_migrations *table, stele_arena *arena)
{
    stele_text text = {0};
    stele_text_string(&text, "{");
    for (size_t i = 0; i < table->component_count; i++) {
        stele_text_string(&text, i == 0 ? "\"" : ",\"");
        for (const char *p = table->components[i]; *p != '\0'; p++) {
            if (*p == '"' || *p == '\\')
                stele_text_string(&text, "\\");
            stele_text_bytes(&text, p, 1);
        }
        stele_text_string(&text, "\"");
    }
    stele_text_string(&text, "}");
    char *copy = text.failed ? NULL : stele_arena_copy(arena, text.bytes, text.length);
    stele_text_free(&text);
    return copy;
}

/*
 * Run a query that reads the ledger. A database without one is no error: *rows is NULL then. The
 * schema may belong to somebody else's tables; that shows as a missing table or column.
 */
static stele_status read_rows(stele_link *link, const char *schema, const char *sql, int count, const char *const *values,
                              stele_rows **rows, stele_error *error)
{
    stele_error first = {0};
    stele_status status = stele_link_query(link, sql, count, values, rows, &first);
    if (status == STELE_OK)
        return STELE_OK;
    if (strcmp(first.sqlstate, "42P01") == 0 || strcmp(first.sqlstate, "3F000") == 0)
        return STELE_OK;
    if (strcmp(first.sqlstate, "42501") == 0) {
        first.status = status = STELE_UNMET;
        stele_error_hint(&first, "grant it: GRANT USAGE ON SCHEMA %s TO role; GRANT SELECT ON ALL TABLES IN SCHEMA %s TO role",
                         schema, schema);
    } else if (strcmp(first.sqlstate, "42703") == 0) {
        stele_error_hint(&first, "the schema %s holds tables of another format, or of another program; name another schema with --schema",
                         schema);
    }
    if (error != NULL && error->status == STELE_OK)
        *error = first;
    return status;
}

static char *copy_text(stele_arena *arena, const char *text)
{
    return text == NULL ? NULL : stele_arena_copy(arena, text, strlen(text));
}

stele_status stele_ledger_heads(stele_link *link, const char *schema, const stele_migrations *table, stele_head *heads,
                                bool *exists, stele_arena *arena, stele_error *error)
{
    const char *sql = stele_arena_print(
        arena,
        "SELECT c.n, a.seq, l.seq, a.reader, a.hash OPERATOR(pg_catalog.=) l.hash, l.state, l.parameters,"
        " pg_catalog.encode(l.hash, 'hex'), l.action"
        " FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS c(component, n)"
        " LEFT JOIN %s.anchor AS a ON a.component OPERATOR(pg_catalog.=) c.component"
        " LEFT JOIN LATERAL (SELECT * FROM %s.ledger AS r WHERE r.component OPERATOR(pg_catalog.=) c.component"
        " ORDER BY r.seq DESC LIMIT 1) AS l ON true",
        schema, schema);
    const char *values[] = {stele_component_array(table, arena)};
    if (sql == NULL || values[0] == NULL)
        return stele_error_memory(error);
    stele_rows *rows;
    stele_status status = read_rows(link, schema, sql, 1, values, &rows, error);
    *exists = rows != NULL;
    for (size_t i = 0; i < table->component_count; i++)
        heads[i] = (stele_head){.component = table->components[i], .sound = true};
    for (int i = 0; status == STELE_OK && rows != NULL && i < stele_rows_count(rows); i++) {
        stele_head *head = &heads[stele_rows_integer(rows, i, 0) - 1];
        bool anchored = stele_rows_text(rows, i, 1) != NULL, written = stele_rows_text(rows, i, 2) != NULL;
        head->seq = stele_rows_integer(rows, i, 2);
        head->reader = (int)stele_rows_integer(rows, i, 3);
        head->sound = anchored == written && (!anchored || (stele_rows_true(rows, i, 4) &&
                                                            head->seq == stele_rows_integer(rows, i, 1)));
        head->state = copy_text(arena, stele_rows_text(rows, i, 5));
        head->parameters = copy_text(arena, stele_rows_text(rows, i, 6));
        head->hash = copy_text(arena, stele_rows_text(rows, i, 7));
        head->action = copy_text(arena, stele_rows_text(rows, i, 8));
        if (written && (!head->state || !head->parameters || !head->hash || !head->action))
            status = stele_error_memory(error);
    }
    stele_rows_free(rows);
    return status;
}

/* Columns of the query in stele_ledger_read. */
enum {
    C_COMPONENT, C_SEQ, C_FORMAT, C_ACTION, C_VERSION, C_NAME, C_FILE, C_STEP, C_SOURCE, C_TOKENS, C_STATE,
    C_PARAMETERS, C_COMPAT, C_ONE_WAY, C_DOWN, C_REASON, C_STATEMENTS, C_STARTED, C_DURATION, C_ROLE, C_ADDRESS,
    C_HOST, C_APPLICATION, C_BUILD, C_HASH, A_COMPONENT, A_FORMAT, A_READER, A_SEQ, A_HASH
};

/* Microseconds since 2000 as "2026-11-20 18:56:03.123456Z", by Howard Hinnant's days-to-civil algorithm. */
static const char *time_text(int64_t started, stele_arena *arena)
{
    const int64_t day = INT64_C(86400000000);
    int64_t days = started / day, rest = started % day;
    if (rest < 0) {
        rest += day;
        days--;
    }
    int64_t shifted = days + 730425; /* days from 0000-03-01 to 2000-01-01 */
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    int of_month = (int)(of_year - (153 * month + 2) / 5 + 1);
    int civil_month = (int)(month < 10 ? month + 3 : month - 9);
    long civil_year = (long)(year + era * 400 + (civil_month <= 2));
    return stele_arena_print(arena, "%04ld-%02d-%02d %02d:%02d:%02d.%06dZ", civil_year, civil_month, of_month,
                             (int)(rest / INT64_C(3600000000)), (int)(rest / 60000000 % 60), (int)(rest / 1000000 % 60),
                             (int)(rest % 1000000));
}

/* A column that is NOT NULL, unless somebody dropped that: then the row's hash won't fit. */
static const char *required(const stele_rows *rows, int i, int column)
{
    const char *text = stele_rows_text(rows, i, column);
    return text == NULL ? "" : text;
}

static bool take_entry(stele_entry *entry, const stele_rows *rows, int i, stele_arena *arena)
{
    *entry = (stele_entry){
        .format = (int)stele_rows_integer(rows, i, C_FORMAT),
        .compat = stele_rows_text(rows, i, C_COMPAT),
        .down_digest = stele_rows_text(rows, i, C_DOWN),
        .started = (int64_t)strtoull(required(rows, i, C_STARTED), NULL, 16),
        .row = {
            .component = required(rows, i, C_COMPONENT),
            .seq = stele_rows_integer(rows, i, C_SEQ),
            .action = required(rows, i, C_ACTION),
            .version = required(rows, i, C_VERSION),
            .name = required(rows, i, C_NAME),
            .file = required(rows, i, C_FILE),
            .step = (int)stele_rows_integer(rows, i, C_STEP),
            .source = required(rows, i, C_SOURCE),
            .tokens = required(rows, i, C_TOKENS),
            .state = required(rows, i, C_STATE),
            .parameters = required(rows, i, C_PARAMETERS),
            .reason = stele_rows_text(rows, i, C_REASON),
            .one_way = stele_rows_text(rows, i, C_ONE_WAY),
            .statements = (int)stele_rows_integer(rows, i, C_STATEMENTS),
            .microseconds = stele_rows_integer(rows, i, C_DURATION),
            .role = required(rows, i, C_ROLE),
            .address = stele_rows_text(rows, i, C_ADDRESS),
            .host = required(rows, i, C_HOST),
            .application = required(rows, i, C_APPLICATION),
            .build = required(rows, i, C_BUILD),
            .hash = stele_arena_print(arena, "r1:%s", required(rows, i, C_HASH)),
        }};
    entry->row.started = time_text(entry->started, arena);
    return entry->row.hash != NULL && entry->row.started != NULL;
}

/* Sort the answer into entries and anchors. A row holds either, or an anchor beside the entry it points at. */
static stele_status take_rows(stele_ledger *ledger, stele_error *error)
{
    int count = stele_rows_count(ledger->rows);
    ledger->entries = stele_arena_get(&ledger->arena, (size_t)count, sizeof *ledger->entries);
    ledger->anchors = stele_arena_get(&ledger->arena, (size_t)count, sizeof *ledger->anchors);
    if (ledger->entries == NULL || ledger->anchors == NULL)
        return stele_error_memory(error);
    for (int i = 0; i < count; i++) {
        const stele_rows *rows = ledger->rows;
        if (stele_rows_text(rows, i, C_COMPONENT) != NULL &&
            !take_entry(&ledger->entries[ledger->count++], rows, i, &ledger->arena))
            return stele_error_memory(error);
        if (stele_rows_text(rows, i, A_COMPONENT) != NULL)
            ledger->anchors[ledger->anchor_count++] =
                (stele_anchor){.component = stele_rows_text(rows, i, A_COMPONENT),
                               .format = (int)stele_rows_integer(rows, i, A_FORMAT),
                               .reader = (int)stele_rows_integer(rows, i, A_READER),
                               .seq = stele_rows_integer(rows, i, A_SEQ),
                               .hash = required(rows, i, A_HASH)};
    }
    for (size_t i = 0; i < ledger->anchor_count; i++) {
        if (ledger->anchors[i].reader > STELE_LEDGER_FORMAT) {
            stele_error_set(error, STELE_AHEAD, "the ledger of component \"%s\" is of format %d; this program reads up to format %d",
                            ledger->anchors[i].component, ledger->anchors[i].reader, (int)STELE_LEDGER_FORMAT);
            stele_error_hint(error, "build this program with a newer stele");
            return STELE_AHEAD;
        }
    }
    return STELE_OK;
}

stele_status stele_ledger_read(stele_ledger *ledger, stele_link *link, const char *schema, const stele_migrations *table,
                               stele_error *error)
{
    *ledger = (stele_ledger){0};
    const char *values[] = {table == NULL ? NULL : stele_component_array(table, &ledger->arena)};
    const char *sql = stele_arena_print(
        &ledger->arena,
        "SELECT l.component, l.seq, l.format, l.action, l.version, l.name, l.file, l.step, l.source, l.tokens, l.state,"
        " l.parameters, l.compat, l.one_way, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(l.down, 'UTF8')), 'hex'),"
        " l.reason, l.statements,"
        " pg_catalog.encode(pg_catalog.timestamptz_send(l.started), 'hex'), l.duration, l.role, l.address, l.host, l.application, l.build,"
        " pg_catalog.encode(l.hash, 'hex'), a.component, a.format, a.reader, a.seq, pg_catalog.encode(a.hash, 'hex')"
        " FROM (SELECT * FROM %s.ledger AS r WHERE $1::pg_catalog.text[] IS NULL OR r.component OPERATOR(pg_catalog.=) ANY ($1)) AS l"
        " FULL JOIN (SELECT * FROM %s.anchor AS r WHERE $1::pg_catalog.text[] IS NULL OR r.component OPERATOR(pg_catalog.=) ANY ($1)) AS a"
        " ON a.component OPERATOR(pg_catalog.=) l.component AND a.seq OPERATOR(pg_catalog.=) l.seq"
        " ORDER BY l.component, l.seq",
        schema, schema);
    stele_status status = sql == NULL || (table != NULL && values[0] == NULL)
                              ? stele_error_memory(error)
                              : read_rows(link, schema, sql, 1, values, &ledger->rows, error);
    ledger->exists = ledger->rows != NULL;
    if (status == STELE_OK && ledger->exists)
        status = take_rows(ledger, error);
    if (status != STELE_OK)
        stele_ledger_free(ledger);
    return status;
}

void stele_ledger_free(stele_ledger *ledger)
{
    stele_rows_free(ledger->rows);
    stele_arena_free(&ledger->arena);
    *ledger = (stele_ledger){0};
}

const stele_anchor *stele_ledger_anchor(const stele_ledger *ledger, const char *component)
{
    for (size_t i = 0; i < ledger->anchor_count; i++)
        if (strcmp(ledger->anchors[i].component, component) == 0)
            return &ledger->anchors[i];
    return NULL;
}

/* ----------------------------------------------------------------- proving */

static void put_length(stele_text *text, uint32_t length)
{
    char bytes[4] = {(char)(length >> 24), (char)(length >> 16), (char)(length >> 8), (char)length};
    stele_text_bytes(text, bytes, sizeof bytes);
}

static void put_text(stele_text *text, const char *value)
{
    put_length(text, value == NULL ? UINT32_MAX : (uint32_t)strlen(value));
    if (value != NULL)
        stele_text_string(text, value);
}

static void put_integer(stele_text *text, int64_t value)
{
    char bytes[8];
    for (size_t i = 0; i < 8; i++)
        bytes[i] = (char)((uint64_t)value >> (56 - 8 * i));
    put_length(text, sizeof bytes);
    stele_text_bytes(text, bytes, sizeof bytes);
}

/* The down script stands in the encoding as its digest, so that proving the chain need not fetch the scripts. */
static void put_down(stele_text *text, const char *hex)
{
    char tagged[STELE_CHECKSUM_SIZE];
    uint8_t digest[STELE_DIGEST_SIZE];
    if (hex != NULL)
        snprintf(tagged, sizeof tagged, "--:%s", hex);
    if (hex == NULL || !stele_checksum_read(tagged, "--", digest)) {
        put_text(text, NULL);
        return;
    }
    put_length(text, sizeof digest);
    stele_text_bytes(text, (const char *)digest, sizeof digest);
}

bool stele_entry_hash(const stele_entry *entry, const uint8_t previous[STELE_DIGEST_SIZE], stele_digest *digest,
                      stele_text *buffer, uint8_t hash[STELE_DIGEST_SIZE])
{
    const stele_row *row = &entry->row;
    buffer->length = 0;
    stele_text_string(buffer, "stele-row-1\n");
    stele_text_bytes(buffer, (const char *)previous, STELE_DIGEST_SIZE);
    put_integer(buffer, row->seq);
    put_text(buffer, row->component);
    put_integer(buffer, entry->format);
    put_text(buffer, row->action);
    put_text(buffer, row->version);
    put_text(buffer, row->name);
    put_text(buffer, row->file);
    if (row->step == 0)
        put_text(buffer, NULL);
    else
        put_integer(buffer, row->step);
    put_text(buffer, row->source);
    put_text(buffer, row->tokens);
    put_text(buffer, row->state);
    put_text(buffer, row->parameters);
    put_text(buffer, entry->compat);
    put_text(buffer, row->one_way);
    put_down(buffer, entry->down_digest);
    put_text(buffer, row->reason);
    put_integer(buffer, row->statements);
    put_integer(buffer, entry->started);
    put_integer(buffer, row->microseconds);
    put_text(buffer, row->role);
    put_text(buffer, row->address);
    put_text(buffer, row->host);
    put_text(buffer, row->application);
    put_text(buffer, row->build);
    if (buffer->failed)
        return false;
    stele_digest_bytes(digest, buffer->bytes, buffer->length);
    return stele_digest_next(digest, hash);
}

/* What is told of a fault; the texts are made here so that `fault` gets them ready. */
typedef struct prover {
    stele_fault *fault;
    void *data;
    stele_digest digest;
    stele_text buffer;
} prover;

static void tell(prover *p, const stele_entry *entry, const char *component, const char *message, const char *detail)
{
    p->fault(p->data, entry, component, message, detail);
}

static void prove_anchor(prover *p, const stele_ledger *ledger, const char *component, const stele_entry *last)
{
    const stele_anchor *anchor = stele_ledger_anchor(ledger, component);
    char message[256];
    if (anchor == NULL) {
        snprintf(message, sizeof message, "the anchor of component \"%s\" is gone", component);
        tell(p, NULL, component, message, "");
    } else if (last == NULL || anchor->seq > last->row.seq) {
        long long rows = anchor->seq - (last == NULL ? 0 : last->row.seq);
        snprintf(message, sizeof message, "the last %lld row%s of component \"%s\" %s gone: the anchor stands at row %lld", rows,
                 rows == 1 ? "" : "s", component, rows == 1 ? "is" : "are", (long long)anchor->seq);
        tell(p, NULL, component, message, "");
    } else if (anchor->seq < last->row.seq) {
        snprintf(message, sizeof message, "rows of component \"%s\" were added behind the anchor, which stands at row %lld",
                 component, (long long)anchor->seq);
        tell(p, last, component, message, "");
    } else if (strcmp(anchor->hash, last->row.hash + 3) != 0) {
        char detail[256];
        snprintf(detail, sizeof detail, "anchor: r1:%s\nlast row: %s", anchor->hash, last->row.hash);
        tell(p, last, component, "the anchor is not the hash of the last row: one of them was changed", detail);
    }
}

/* Prove the rows from `at` on that belong to one component; returns where the next one begins. */
static size_t prove_component(prover *p, const stele_ledger *ledger, size_t at)
{
    const char *component = ledger->entries[at].row.component;
    uint8_t previous[STELE_DIGEST_SIZE] = {0}, hash[STELE_DIGEST_SIZE];
    int64_t expected = 1;
    bool known = true; /* is `previous` the hash of the row before? */
    for (; at < ledger->count && strcmp(ledger->entries[at].row.component, component) == 0; at++) {
        const stele_entry *entry = &ledger->entries[at];
        char message[256], written[STELE_CHECKSUM_SIZE];
        if (entry->row.seq != expected) {
            snprintf(message, sizeof message, "row %lld of component \"%s\" is followed by row %lld: rows are missing",
                     (long long)expected - 1, component, (long long)entry->row.seq);
            tell(p, entry, component, message, "");
            known = false;
        }
        bool readable = entry->format <= STELE_LEDGER_FORMAT;
        if (known && readable) {
            if (!stele_entry_hash(entry, previous, &p->digest, &p->buffer, hash))
                return ledger->count;
            stele_checksum_write(written, "r1", hash);
            if (strcmp(written, entry->row.hash) != 0) {
                char detail[256];
                snprintf(message, sizeof message,
                         "row %lld of component \"%s\" (%s %s) was changed, or the row before it was", (long long)entry->row.seq,
                         component, entry->row.action, entry->row.file);
                snprintf(detail, sizeof detail, "written: %s\ncomputed: %s", entry->row.hash, written);
                tell(p, entry, component, message, detail);
            }
        }
        known = stele_checksum_read(entry->row.hash, "r1", previous);
        expected = entry->row.seq + 1;
    }
    prove_anchor(p, ledger, component, &ledger->entries[at - 1]);
    return at;
}

bool stele_ledger_prove(const stele_ledger *ledger, stele_fault *fault, void *data)
{
    prover p = {.fault = fault, .data = data};
    stele_digest_begin(&p.digest);
    for (size_t at = 0; at < ledger->count;)
        at = prove_component(&p, ledger, at);
    for (size_t i = 0; i < ledger->anchor_count; i++) {
        bool written = false;
        for (size_t j = 0; j < ledger->count && !written; j++)
            written = strcmp(ledger->entries[j].row.component, ledger->anchors[i].component) == 0;
        if (!written)
            prove_anchor(&p, ledger, ledger->anchors[i].component, NULL);
    }
    bool fine = !p.digest.failed && !p.buffer.failed;
    uint8_t rest[STELE_DIGEST_SIZE];
    stele_digest_end(&p.digest, rest);
    stele_text_free(&p.buffer);
    return fine;
}
