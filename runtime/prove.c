#include <stdio.h>
#include <string.h>

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
} prover;

static void tell(const prover *p, const stele_entry *entry, const char *component, const char *message,
                 const char *detail)
{
    p->fault(p->data, entry, component, message, detail);
}

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
    } else if (memcmp(anchor->hash, last->hash, STELE_DIGEST_SIZE) != 0) {
        char detail[256];
        write_both(detail, sizeof detail, "anchor", anchor->hash, "last row", last->hash);
        tell(p, last, component, "the anchor is not the hash of the last row: one of them was changed", detail);
    } else if (strcmp(anchor->state, last->row.state) != 0 || strcmp(anchor->parameters, last->row.parameters) != 0) {
        char detail[512];
        snprintf(detail, sizeof detail, "anchor: %s %s\nlast row: %s %s", anchor->state, anchor->parameters, last->row.state,
                 last->row.parameters);
        tell(p, last, component, "the anchor has not the state and parameters of the last row: it was changed", detail);
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
    tell(p, entry, entry->row.component, message, detail);
}

/* Prove the rows from `at` on that belong to one component; returns where the next one begins. */
static size_t prove_component(prover *p, const stele_ledger *ledger, size_t at)
{
    static const uint8_t zeros[STELE_DIGEST_SIZE];
    const char *component = ledger->entries[at].row.component;
    const uint8_t *previous = zeros;
    int64_t expected = 1;
    for (; at < ledger->count && strcmp(ledger->entries[at].row.component, component) == 0; at++) {
        const stele_entry *entry = &ledger->entries[at];
        if (entry->row.seq != expected) {
            char message[256];
            snprintf(message, sizeof message, "row %lld of component \"%s\" is followed by row %lld: rows are missing",
                     (long long)expected - 1, component, (long long)entry->row.seq);
            tell(p, entry, component, message, "");
        } else if (!entry->linked) { /* whatever its format: the anchor says that we can read all of them */
            prove_hash(p, entry, previous);
        }
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
    uint8_t rest[STELE_DIGEST_SIZE];
    return stele_digest_end(&p.hasher, rest);
}
