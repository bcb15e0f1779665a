#include <stdio.h>
#include <string.h>

#include "fold.h"
#include "ledger.h"

bool stele_entry_hash(const stele_entry *entry, const uint8_t previous[STELE_DIGEST_SIZE], stele_digest *hasher,
                      uint8_t hash[STELE_DIGEST_SIZE])
{
    static const char heading[] = "stele-row-1\n";
    stele_digest_bytes(hasher, heading, sizeof heading - 1);
    stele_digest_bytes(hasher, previous, STELE_DIGEST_SIZE);
    stele_digest_bytes(hasher, entry->digest, STELE_DIGEST_SIZE);
    return stele_digest_next(hasher, hash);
}

typedef struct prover {
    stele_fault *fault;
    void *data;
    stele_digest hasher;
    const stele_entry *seal; /* the last reseal of the component, when it fits what is before it */
} prover;

/* A seal accepts what is wrong with the rows before it; of itself, only that it stands behind a gap. */
static bool is_sealed(const prover *p, const stele_entry *entry)
{
    return p->seal != NULL && entry < p->seal;
}

static void tell(const prover *p, const stele_entry *entry, const char *component, const char *message,
                 const char *detail, bool may_be_accepted)
{
    p->fault(p->data, entry, component, message, detail, may_be_accepted ? p->seal : NULL);
}

/* ------------------------------------------------------------------- reseals */

bool stele_ledger_found(const stele_entry *entries, size_t count, uint8_t digest[STELE_DIGEST_SIZE])
{
    static const char heading[] = "stele-chain-1\n";
    stele_digest hasher;
    stele_digest_begin(&hasher);
    stele_digest_bytes(&hasher, heading, sizeof heading - 1);
    for (size_t i = 0; i < count; i++) {
        stele_digest_bytes(&hasher, entries[i].digest, STELE_DIGEST_SIZE);
        stele_digest_bytes(&hasher, entries[i].hash, STELE_DIGEST_SIZE);
    }
    return stele_digest_end(&hasher, digest);
}

static size_t component_end(const stele_ledger *ledger, size_t at)
{
    const char *component = ledger->entries[at].row.component;
    while (at < ledger->count && strcmp(ledger->entries[at].row.component, component) == 0)
        at++;
    return at;
}

/* The last reseal of the component that begins at `at`, or NULL; `fits` tells whether it accepts the rows that are there. */
static const stele_entry *find_seal(const stele_ledger *ledger, size_t at, bool *fits)
{
    size_t end = component_end(ledger, at), i = end;
    uint8_t found[STELE_DIGEST_SIZE];
    char expected[STELE_CHECKSUM_SIZE];
    *fits = false;
    while (i > at && strcmp(ledger->entries[i - 1].row.action, "reseal") != 0)
        i--;
    if (i == at)
        return NULL;
    const stele_entry *seal = &ledger->entries[i - 1];
    if (stele_ledger_found(&ledger->entries[at], i - 1 - at, found)) {
        stele_checksum_write(expected, "c1", found);
        *fits = strcmp(expected, seal->row.source) == 0;
    }
    return seal;
}

/* -------------------------------------------------------------------- the chain */

/* "LABEL: r1:...", a line for each of two hashes. */
static void write_both(char *buffer, size_t size, const char *label, const uint8_t one[STELE_DIGEST_SIZE],
                       const char *other_label, const uint8_t other[STELE_DIGEST_SIZE])
{
    char first[STELE_CHECKSUM_SIZE], second[STELE_CHECKSUM_SIZE];
    stele_checksum_write(first, "r1", one);
    stele_checksum_write(second, "r1", other);
    snprintf(buffer, size, "%s: %s\n%s: %s", label, first, other_label, second);
}

static void prove_anchor(const prover *p, const stele_ledger *ledger, const char *component, const stele_entry *last)
{
    const stele_anchor *anchor = stele_ledger_anchor(ledger, component);
    char message[256];
    if (anchor == NULL) {
        snprintf(message, sizeof message, "the anchor of component \"%s\" is gone", component);
        tell(p, NULL, component, message, "", false);
    } else if (last == NULL || anchor->seq > last->row.seq) {
        long long rows = anchor->seq - (last == NULL ? 0 : last->row.seq);
        snprintf(message, sizeof message, "the last %lld row%s of component \"%s\" %s gone: the anchor stands at row %lld", rows,
                 rows == 1 ? "" : "s", component, rows == 1 ? "is" : "are", (long long)anchor->seq);
        tell(p, NULL, component, message, "", false);
    } else if (anchor->seq < last->row.seq) {
        snprintf(message, sizeof message, "rows of component \"%s\" were added behind the anchor, which stands at row %lld",
                 component, (long long)anchor->seq);
        tell(p, last, component, message, "", false);
    } else if (memcmp(anchor->hash, last->hash, STELE_DIGEST_SIZE) != 0) {
        char detail[256];
        write_both(detail, sizeof detail, "anchor", anchor->hash, "last row", last->hash);
        tell(p, last, component, "the anchor is not the hash of the last row: one of them was changed", detail, false);
    } else if (strcmp(anchor->state, last->row.state) != 0 || strcmp(anchor->parameters, last->row.parameters) != 0) {
        char detail[512];
        snprintf(detail, sizeof detail, "anchor: %s %s\nlast row: %s %s", anchor->state, anchor->parameters, last->row.state,
                 last->row.parameters);
        tell(p, last, component, "the anchor has not the state and parameters of the last row: it was changed", detail, false);
    }
}

static void prove_hash(prover *p, const stele_entry *entry, const uint8_t previous[STELE_DIGEST_SIZE])
{
    uint8_t hash[STELE_DIGEST_SIZE];
    char message[512], detail[256];
    if (!stele_entry_hash(entry, previous, &p->hasher, hash) || memcmp(hash, entry->hash, sizeof hash) == 0)
        return;
    snprintf(message, sizeof message, "row %lld of component \"%s\" (%s %s) was changed, or the row before it was",
             (long long)entry->row.seq, entry->row.component, entry->row.action, entry->row.file);
    write_both(detail, sizeof detail, "written", entry->hash, "computed", hash);
    tell(p, entry, entry->row.component, message, detail, is_sealed(p, entry));
}

/* Look for a reseal, first of all: what is wrong before it may be accepted. */
static void take_seal(prover *p, const stele_ledger *ledger, size_t at)
{
    bool fits;
    const stele_entry *seal = find_seal(ledger, at, &fits);
    char message[256];
    p->seal = seal != NULL && fits ? seal : NULL;
    if (seal == NULL || fits)
        return;
    snprintf(message, sizeof message, "row %lld of component \"%s\" (reseal) accepted other rows than stand before it: they were changed since",
             (long long)seal->row.seq, seal->row.component);
    tell(p, seal, seal->row.component, message, "", false);
}

/* Prove the rows from `at` on that belong to one component; returns where the next one begins. */
static size_t prove_component(prover *p, const stele_ledger *ledger, size_t at)
{
    static const uint8_t zeros[STELE_DIGEST_SIZE];
    const char *component = ledger->entries[at].row.component;
    const uint8_t *previous = zeros;
    int64_t expected = 1;
    take_seal(p, ledger, at);
    for (; at < ledger->count && strcmp(ledger->entries[at].row.component, component) == 0; at++) {
        const stele_entry *entry = &ledger->entries[at];
        if (entry->row.seq != expected) {
            char message[256];
            snprintf(message, sizeof message, "row %lld of component \"%s\" is followed by row %lld: rows are missing",
                     (long long)expected - 1, component, (long long)entry->row.seq);
            tell(p, entry, component, message, "", is_sealed(p, entry) || entry == p->seal);
        }
        /* Behind a gap nobody knows what the hash should be, but for a reseal. Whatever its format: the anchor says that we can read it. */
        if (!entry->linked && (entry->row.seq == expected || entry == p->seal))
            prove_hash(p, entry, previous);
        previous = entry->hash;
        expected = entry->row.seq + 1;
    }
    prove_anchor(p, ledger, component, &ledger->entries[at - 1]);
    return at;
}

bool stele_ledger_prove(const stele_ledger *ledger, stele_fault *fault, void *data)
{
    prover p = {.fault = fault, .data = data};
    stele_digest_begin(&p.hasher);
    for (size_t at = 0; at < ledger->count;)
        at = prove_component(&p, ledger, at);
    for (size_t i = 0; i < ledger->anchor_count; i++) {
        bool written = false;
        for (size_t j = 0; j < ledger->count && !written; j++)
            written = strcmp(ledger->entries[j].row.component, ledger->anchors[i].component) == 0;
        if (!written)
            prove_anchor(&p, ledger, ledger->anchors[i].component, NULL);
    }
    uint8_t rest[STELE_DIGEST_SIZE]; /* sticky: any failure shows here */
    return stele_digest_end(&p.hasher, rest);
}

/* ---------------------------------------------------------- state digests */

/* The applied set of one component, folded row by row. */
typedef struct fold {
    const stele_row **set;
    size_t count;
    uint8_t (*states)[STELE_DIGEST_SIZE]; /* after the first i members, in version order */
} fold;

static int compare_members(const stele_row *a, const stele_row *b)
{
    int order = stele_version_compare(a->version, b->version);
    return order != 0 || !stele_version_repeats(a->version) ? order : strcmp(a->name, b->name);
}

/* Put a row into the set, or take its migration out, at its place by version; digests from there on are made anew. */
static bool fold_row(fold *f, const stele_row *row, bool in)
{
    size_t at = f->count;
    while (at > 0 && compare_members(f->set[at - 1], row) > 0)
        at--;
    bool there = at > 0 && compare_members(f->set[at - 1], row) == 0;
    at -= there;
    if (in && !there)
        memmove(&f->set[at + 1], &f->set[at], (f->count++ - at) * sizeof *f->set);
    else if (!in && there)
        memmove(&f->set[at], &f->set[at + 1], (--f->count - at) * sizeof *f->set);
    if (in)
        f->set[at] = row;
    for (size_t i = at; i < f->count; i++) {
        memcpy(f->states[i + 1], f->states[i], STELE_DIGEST_SIZE);
        if (!stele_state_add(f->states[i + 1], f->set[i]->version, f->set[i]->name, f->set[i]->source))
            return false;
    }
    return true;
}

/* Take out the versioned ones that come before it. The digests behind them are made anew when it is put in itself, at the begin. */
static void drop_replaced(fold *f, const stele_row *row)
{
    size_t gone = 0;
    while (gone < f->count && !stele_version_repeats(f->set[gone]->version) && stele_version_compare(f->set[gone]->version, row->version) < 0)
        gone++;
    memmove(f->set, f->set + gone, (f->count -= gone) * sizeof *f->set);
}

static bool fold_deed(fold *f, const stele_row *row)
{
    if (stele_row_replaces(row->action))
        drop_replaced(f, row);
    while (stele_row_unsettles(row->action, row->version) && f->count > 0 && stele_version_repeats(f->set[f->count - 1]->version))
        f->count--; /* they stand at the end */
    switch (stele_turn_of(row->action, row->step)) {
    case STELE_PUTS_IN:
        return fold_row(f, row, true);
    case STELE_TAKES_OUT:
    case STELE_TOWARDS_OUT:
        return fold_row(f, row, false);
    default:
        return true;
    }
}

/* The rows of one component, from `at` on; returns where the next one begins, or 0 when memory ran out. */
static size_t prove_states_of(prover *p, const stele_ledger *ledger, size_t at, fold *f)
{
    const char *component = ledger->entries[at].row.component;
    size_t end = component_end(ledger, at);
    bool fits;
    p->seal = find_seal(ledger, at, &fits);
    p->seal = fits ? p->seal : NULL;
    f->count = 0;
    if (!stele_state_start(f->states[0], component))
        return 0;
    for (; at < end; at++) {
        const stele_entry *entry = &ledger->entries[at];
        char expected[STELE_CHECKSUM_SIZE], message[256], detail[256];
        if (!fold_deed(f, &entry->row))
            return 0;
        stele_checksum_write(expected, "d1", f->states[f->count]);
        if (strcmp(expected, entry->row.state) == 0)
            continue;
        snprintf(message, sizeof message, "the state digest of row %lld of component \"%s\" is not that of what was applied",
                 (long long)entry->row.seq, component);
        snprintf(detail, sizeof detail, "written: %s\ncomputed: %s", entry->row.state, expected);
        tell(p, entry, component, message, detail, is_sealed(p, entry));
    }
    return end;
}

bool stele_ledger_prove_states(const stele_ledger *ledger, stele_fault *fault, void *data, stele_arena *arena)
{
    prover p = {.fault = fault, .data = data};
    fold f = {.set = stele_arena_get(arena, ledger->count + 1, sizeof *f.set),
              .states = stele_arena_get(arena, ledger->count + 1, sizeof *f.states)};
    if (f.set == NULL || f.states == NULL)
        return false;
    for (size_t at = 0; at < ledger->count;)
        if ((at = prove_states_of(&p, ledger, at, &f)) == 0)
            return false;
    return true;
}
