/*
 * probe_word.h - the kinds of probes as words: in the scripts that the ledger keeps, and in the generated table
 */
#ifndef STELE_PROBE_WORD_H
#define STELE_PROBE_WORD_H

#include <stdbool.h>
#include <stdint.h>

enum { STELE_PROBE_KINDS = 15 };

/* "no-index"; of what is no kind, that of STELE_PROBE_NONE. */
const char *stele_probe_word(uint32_t kind);

/* Which names a probe of this kind has. `name` may be missing where the server chooses it. */
bool stele_probe_has_on(uint32_t kind);
bool stele_probe_has_name(uint32_t kind);

#endif
