#include "ledger.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

/* ----------------------------------------------------------------- reading */

/* {"a","b"}: the components of a table as a text array. NULL: no memory. */
static char *component_array(const stele_migrations *table, stele_arena *arena)
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

size_t stele_component_index(const stele_migrations *table, const char *component)
{
    size_t i = 0;
    while (i < table->component_count && strcmp(table->components[i], component) != 0)
        i++;
    return i;
}

/* Is it that this database has no ledger, or not all of it? */
static bool is_absent(const stele_error *error)
{
    return strcmp(error->sqlstate, "42P01") == 0 || strcmp(error->sqlstate, "3F000") == 0;
}

/* One of the two tables without the other is no fresh database: somebody dropped it. */
static stele_status check_absent(stele_link *link, const char *schema, stele_error *error)
{
    static const char sql[] =
        "SELECT name FROM pg_catalog.unnest('{ledger,anchor}'::pg_catalog.text[]) AS t(name)"
        " WHERE pg_catalog.to_regclass($1 OPERATOR(pg_catalog.||) '.' OPERATOR(pg_catalog.||) name) IS NULL";
    stele_rows *rows;
    stele_status status = stele_link_query(link, sql, 1, &schema, &rows, error);
    if (status == STELE_OK && stele_rows_count(rows) == 1) {
        status = stele_error_set(error, STELE_TAMPERED, "the ledger was changed: its table \"%s\" is gone", stele_rows_text(rows, 0, 0));
        stele_error_hint(error, "nothing was applied; bring the schema %s back from a backup; or make it anew without what was in it:"
                                " repair guards --reason TEXT, then repair reseal --reason TEXT", schema);
    }
    stele_rows_free(rows);
    return status;
}

/* Why the ledger can't be read. The schema may belong to somebody else's tables; that shows as a missing column. */
static stele_status explain(const stele_link *link, const char *schema, stele_error *first, stele_error *error)
{
    if (strcmp(first->sqlstate, "42501") == 0) {
        first->status = STELE_UNMET;
        stele_error_hint(first, "have it granted by the role that owns the schema %s, which up itself needs: grant --read %s", schema, link->role != NULL ? link->role : stele_link_user(link));
    } else if (strcmp(first->sqlstate, "42703") == 0) {
        stele_error_hint(first, "the schema %s holds tables of another format, or of another program; name another schema with --schema",
                         schema);
    }
    if (error != NULL && error->status == STELE_OK)
        *error = *first;
    return first->status;
}

static char *copy_text(stele_arena *arena, const char *text)
{
    return text == NULL ? NULL : stele_arena_copy(arena, text, strlen(text));
}

/*
 * The columns that a row's digest covers, in the order of the encoding: integers are int8, the down script stands as its
 * SHA-256, so that proving the chain need not fetch the scripts. Then what isn't covered.
 */
static const char row_columns[] =
    "r.seq, r.component, r.format, r.action, r.version, r.name, r.file, r.step, r.source, r.tokens, r.state, r.parameters,"
    " r.compat, r.one_way, r.down_sha256, r.reason, r.statements, r.started,"
    " r.duration, r.role, r.address, r.host, r.application, r.build, r.hash";
/* An anchor, in the same columns: `reader` stands in that of the statements, and no action tells it from a row. */
static const char anchor_columns[] =
    "r.seq, r.component, r.format, NULL, NULL, NULL, NULL, NULL, NULL, NULL, r.state, r.parameters, NULL, NULL, NULL, NULL,"
    " r.reader, NULL, NULL, NULL, NULL, NULL, NULL, NULL, r.hash";

enum {
    C_SEQ, C_COMPONENT, C_FORMAT, C_ACTION, C_VERSION, C_NAME, C_FILE, C_STEP, C_SOURCE, C_TOKENS, C_STATE, C_PARAMETERS,
    C_COMPAT, C_ONE_WAY, C_DOWN, C_REASON, C_STATEMENTS, C_STARTED, C_DURATION, C_ROLE, C_ADDRESS, C_HOST, C_APPLICATION,
    C_BUILD, C_HASH, COLUMNS, COVERED = C_HASH
};

/* A column of a row; bytes is NULL for null, and has a zero byte behind. */
typedef struct field {
    const char *bytes;
    size_t length;
} field;

/* Write the bytes that a row's digest covers: of each field, its length in 4 bytes and the field. */
static void put_fields(stele_text *text, const field fields[COLUMNS])
{
    size_t room = 0;
    for (size_t i = 0; i < COVERED; i++)
        room += 4 + fields[i].length;
    char *out = stele_text_room(text, room);
    for (size_t i = 0; out != NULL && i < COVERED; i++) {
        const field *f = &fields[i];
        uint32_t size = f->bytes == NULL ? UINT32_MAX : (uint32_t)f->length;
        *out++ = (char)(size >> 24);
        *out++ = (char)(size >> 16);
        *out++ = (char)(size >> 8);
        *out++ = (char)size;
        if (f->bytes != NULL)
            memcpy(out, f->bytes, f->length);
        out += f->length;
    }
}

static int64_t get_integer(const field *f)
{
    uint64_t value = 0;
    for (size_t i = 0; i < f->length && i < 8; i++)
        value = value << 8 | (unsigned char)f->bytes[i];
    return (int64_t)value;
}

static bool get_digest(const field *f, uint8_t digest[STELE_DIGEST_SIZE])
{
    if (f->length != STELE_DIGEST_SIZE)
        return false;
    memcpy(digest, f->bytes, STELE_DIGEST_SIZE);
    return true;
}

/* A column that is NOT NULL, unless somebody dropped that: then the row's hash won't fit. */
static const char *required(const field *f)
{
    return f->bytes == NULL ? "" : f->bytes;
}

static bool take_head(stele_head *head, const field f[6], stele_arena *arena)
{
    uint8_t hash[STELE_DIGEST_SIZE] = {0};
    char text[STELE_CHECKSUM_SIZE];
    get_digest(&f[3], hash);
    stele_checksum_write(text, "r1", hash);
    head->seq = get_integer(&f[1]);
    head->reader = (int)get_integer(&f[2]);
    head->hash = copy_text(arena, text);
    head->state = copy_text(arena, required(&f[4]));
    head->parameters = copy_text(arena, required(&f[5]));
    return head->hash != NULL && head->state != NULL && head->parameters != NULL;
}

/*
 * This is all that happens at most boots, so it is the least that can be asked: no condition, no function, no
 * operator that a fresh session would have to look up. There is a row per component.
 */
stele_status stele_ledger_heads(stele_link *link, const char *schema, const stele_migrations *table, stele_head *heads,
                                bool *exists, stele_arena *arena, stele_error *error)
{
    const char *sql =
        stele_arena_print(arena, "SELECT component, seq, reader, hash, state, parameters FROM %s.anchor", schema);
    if (sql == NULL)
        return stele_error_memory(error);
    for (size_t i = 0; i < table->component_count; i++)
        heads[i] = (stele_head){.component = table->components[i]};
    stele_rows *rows;
    stele_error first = {0};
    stele_status status = stele_link_query_binary(link, sql, &rows, &first);
    *exists = rows != NULL;
    if (status != STELE_OK)
        status = is_absent(&first) ? check_absent(link, schema, error) : explain(link, schema, &first, error);
    for (int i = 0; status == STELE_OK && rows != NULL && i < stele_rows_count(rows); i++) {
        field f[6];
        for (int column = 0; column < 6; column++)
            f[column].bytes = stele_rows_bytes(rows, i, column, &f[column].length);
        size_t component = stele_component_index(table, required(&f[0]));
        if (component < table->component_count && !take_head(&heads[component], f, arena))
            status = stele_error_memory(error);
    }
    stele_rows_free(rows);
    return status;
}

static void fill_entry(stele_entry *entry, const field f[COLUMNS])
{
    entry->format = (int)get_integer(&f[C_FORMAT]);
    entry->started = get_integer(&f[C_STARTED]);
    entry->row = (stele_row){.component = required(&f[C_COMPONENT]),
                             .seq = get_integer(&f[C_SEQ]),
                             .action = required(&f[C_ACTION]),
                             .version = required(&f[C_VERSION]),
                             .name = required(&f[C_NAME]),
                             .file = required(&f[C_FILE]),
                             .step = (int)get_integer(&f[C_STEP]),
                             .source = required(&f[C_SOURCE]),
                             .tokens = required(&f[C_TOKENS]),
                             .state = required(&f[C_STATE]),
                             .parameters = required(&f[C_PARAMETERS]),
                             .reason = f[C_REASON].bytes,
                             .one_way = f[C_ONE_WAY].bytes,
                             .compat = f[C_COMPAT].bytes,
                             .statements = (int)get_integer(&f[C_STATEMENTS]),
                             .microseconds = get_integer(&f[C_DURATION]),
                             .role = required(&f[C_ROLE]),
                             .address = f[C_ADDRESS].bytes,
                             .host = required(&f[C_HOST]),
                             .application = required(&f[C_APPLICATION]),
                             .build = required(&f[C_BUILD])};
}

/* One more in an array that grows. NULL: no memory. */
static void *grow(void *array, size_t count, size_t *capacity, size_t size, stele_arena *arena)
{
    if (count < *capacity)
        return array;
    size_t more = *capacity == 0 ? 1024 : *capacity * 2;
    void *grown = stele_arena_get(arena, more, size);
    if (grown != NULL && count > 0)
        memcpy(grown, array, count * size);
    *capacity = grown == NULL ? *capacity : more;
    return grown;
}

static bool take_anchor(stele_ledger *ledger, const field f[COLUMNS])
{
    stele_anchor *anchors =
        grow(ledger->anchors, ledger->anchor_count, &ledger->anchor_capacity, sizeof *anchors, &ledger->arena);
    if (anchors == NULL)
        return false;
    ledger->anchors = anchors;
    stele_anchor *anchor = &anchors[ledger->anchor_count++];
    *anchor = (stele_anchor){.component = required(&f[C_COMPONENT]),
                             .format = (int)get_integer(&f[C_FORMAT]),
                             .reader = (int)get_integer(&f[C_STATEMENTS]),
                             .seq = get_integer(&f[C_SEQ]),
                             .state = required(&f[C_STATE]),
                             .parameters = required(&f[C_PARAMETERS])};
    get_digest(&f[C_HASH], anchor->hash);
    return true;
}

/*
 * Rows nearly always come one behind the other; then the link is proven here, while both are in the cache.
 * stele_ledger_prove looks again at those that were not.
 */
static bool link_entry(stele_ledger *ledger, stele_entry *entry)
{
    static const uint8_t zeros[STELE_DIGEST_SIZE];
    const stele_entry *before = entry == ledger->entries ? NULL : entry - 1;
    bool follows = before != NULL && before->row.seq + 1 == entry->row.seq &&
                   strcmp(before->row.component, entry->row.component) == 0;
    uint8_t hash[STELE_DIGEST_SIZE];
    if (!follows && entry->row.seq != 1)
        return true;
    if (!stele_entry_hash(entry, follows ? before->hash : zeros, &ledger->hasher, hash))
        return false;
    entry->linked = memcmp(hash, entry->hash, sizeof hash) == 0;
    return true;
}

static bool take_entry(stele_ledger *ledger, const field f[COLUMNS])
{
    stele_entry *entries = grow(ledger->entries, ledger->count, &ledger->capacity, sizeof *entries, &ledger->arena);
    if (entries == NULL)
        return false;
    ledger->entries = entries;
    stele_entry *entry = &entries[ledger->count++];
    fill_entry(entry, f);
    if (!get_digest(&f[C_HASH], entry->hash)) {
        /* No hash at all. What a reseal accepts must tell it from another one, so it counts as the digest of what is there. */
        stele_digest_bytes(&ledger->hasher, f[C_HASH].bytes, f[C_HASH].length);
        if (!stele_digest_next(&ledger->hasher, entry->hash))
            return false;
    }
    ledger->buffer.length = 0;
    put_fields(&ledger->buffer, f);
    stele_digest_bytes(&ledger->hasher, ledger->buffer.bytes, ledger->buffer.length);
    return !ledger->buffer.failed && stele_digest_next(&ledger->hasher, entry->digest) && link_entry(ledger, entry);
}

/* Take some rows, and keep them: the entries point into them. */
static bool take_rows(void *data, stele_rows *rows)
{
    stele_ledger *ledger = data;
    struct stele_chunk *chunk = stele_arena_get(&ledger->arena, 1, sizeof *chunk);
    bool fine = chunk != NULL;
    if (!fine) {
        stele_rows_free(rows);
        return false;
    }
    *chunk = (struct stele_chunk){ledger->chunks, rows};
    ledger->chunks = chunk;
    for (int i = 0; i < stele_rows_count(rows) && fine; i++) {
        field fields[COLUMNS];
        for (int column = 0; column < COLUMNS; column++)
            fields[column].bytes = stele_rows_bytes(rows, i, column, &fields[column].length);
        if (fields[C_ACTION].bytes == NULL && fields[C_VERSION].bytes == NULL && fields[C_ROLE].bytes == NULL)
            fine = take_anchor(ledger, fields);
        else
            fine = take_entry(ledger, fields);
    }
    return fine;
}

static int by_component_and_seq(const void *a, const void *b)
{
    const stele_row *left = &((const stele_entry *)a)->row, *right = &((const stele_entry *)b)->row;
    int order = strcmp(left->component, right->component);
    if (order == 0)
        order = (left->seq > right->seq) - (left->seq < right->seq);
    /* Two rows of one number are a fault; but then their order must be the same at every reading. */
    return order != 0 ? order : memcmp(((const stele_entry *)a)->hash, ((const stele_entry *)b)->hash, STELE_DIGEST_SIZE);
}

/* Rows come as they lie in the table, which is nearly always in order; sorting in the server would hold back the first. */
static void sort_entries(stele_ledger *ledger)
{
    for (size_t i = 1; i < ledger->count; i++) {
        if (by_component_and_seq(&ledger->entries[i - 1], &ledger->entries[i]) > 0) {
            qsort(ledger->entries, ledger->count, sizeof *ledger->entries, by_component_and_seq);
            return;
        }
    }
}

static stele_status check_format(const stele_ledger *ledger, stele_error *error)
{
    for (size_t i = 0; i < ledger->anchor_count; i++) {
        const stele_anchor *anchor = &ledger->anchors[i];
        if (anchor->reader <= STELE_LEDGER_FORMAT)
            continue;
        stele_error_set(error, STELE_AHEAD, "the ledger of component \"%s\" is of format %d; this program reads up to format %d",
                        anchor->component, anchor->reader, (int)STELE_LEDGER_FORMAT);
        stele_error_hint(error, "build this program with a newer stele");
        return STELE_AHEAD;
    }
    return STELE_OK;
}

stele_status stele_ledger_read(stele_ledger *ledger, stele_link *link, const char *schema, const stele_migrations *table,
                               int64_t expected, stele_error *error)
{
    *ledger = (stele_ledger){0};
    stele_digest_begin(&ledger->hasher);
    const char *filter = table == NULL ? "" : " WHERE r.component OPERATOR(pg_catalog.=) ANY ($1::pg_catalog.text[])";
    const char *values[] = {table == NULL ? NULL : component_array(table, &ledger->arena)};
    const char *sql = stele_arena_print(&ledger->arena, "SELECT %s FROM %s.ledger AS r%s UNION ALL SELECT %s FROM %s.anchor AS r%s",
                                        row_columns, schema, filter, anchor_columns, schema, filter);
    stele_error first = {0};
    stele_status status = sql == NULL || (table != NULL && values[0] == NULL)
                              ? stele_error_memory(&first)
                              : stele_link_query_chunks(link, sql, table == NULL ? 0 : 1, values, expected, take_rows, ledger, &first);
    ledger->exists = status == STELE_OK;
    if (status != STELE_OK)
        status = is_absent(&first) ? check_absent(link, schema, error) : explain(link, schema, &first, error);
    if (status == STELE_OK)
        status = check_format(ledger, error);
    sort_entries(ledger);
    if (status != STELE_OK)
        stele_ledger_free(ledger);
    return status;
}

void stele_ledger_free(stele_ledger *ledger)
{
    for (struct stele_chunk *chunk = ledger->chunks; chunk != NULL; chunk = chunk->next)
        stele_rows_free(chunk->rows);
    stele_text_free(&ledger->buffer);
    stele_arena_free(&ledger->arena);
    *ledger = (stele_ledger){0};
}

/* ----------------------------------------------------------------- showing */

/* Microseconds since 2000 as "2026-11-20 18:56:03.123456Z", by Howard Hinnant's days-to-civil algorithm. */
static void write_time(char *buffer, size_t size, int64_t started)
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
    snprintf(buffer, size, "%04ld-%02d-%02d %02d:%02d:%02d.%06dZ", civil_year, civil_month, of_month,
             (int)(rest / INT64_C(3600000000)), (int)(rest / 60000000 % 60), (int)(rest / 1000000 % 60), (int)(rest % 1000000));
}

stele_row stele_entry_row(const stele_entry *entry, stele_row_texts *texts)
{
    stele_row row = entry->row;
    write_time(texts->started, sizeof texts->started, entry->started);
    stele_checksum_write(texts->hash, "r1", entry->hash);
    row.started = texts->started;
    row.hash = texts->hash;
    return row;
}

const stele_anchor *stele_ledger_anchor(const stele_ledger *ledger, const char *component)
{
    for (size_t i = 0; i < ledger->anchor_count; i++)
        if (strcmp(ledger->anchors[i].component, component) == 0)
            return &ledger->anchors[i];
    return NULL;
}
