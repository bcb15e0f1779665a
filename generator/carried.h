/*
 * carried.h - the sealed tables that a file carries, read out of its bytes
 *
 * Neither sections nor symbols are looked at, so any file will do: a program, stripped or not, a library, an object, an archive, a core.
 * Nothing that the file says is trusted: where it doesn't add up, the table is damaged, and what's wrong is told.
 */
#ifndef STELEC_CARRIED_H
#define STELEC_CARRIED_H

#include "../runtime/checksum.h"
#include "diag.h"
#include "memory.h"

#include <stdint.h>

enum carried_kind { CARRIED_MIGRATION, CARRIED_REPEATABLE, CARRIED_JOB, CARRIED_MODULE };

/* What a source is computed from besides its own text: a module by its name, a repeatable by its name and source, settings, another file. */
struct carried_member {
    const char *name, *source; /* source: NULL for a module and a file */
    bool is_file;              /* that is this stretch of the text */
    uint32_t begin, length;
};

/* One text, as its line in the manifest has it. */
struct carried_text {
    enum carried_kind kind;
    const char *source, *tokens, *state, *component, *version; /* of a module, only source; of a job, no state */
    const char *file;    /* of a module, its name */
    const char *own;     /* the sum of its text alone, where source is an s2: */
    uint32_t own_begin, own_length; /* that text */
    struct carried_member *members;
    size_t member_count, member_capacity;
    uint64_t offset;     /* in the file */
    uint32_t length;
    const char *bytes;   /* of a module, whose text others are summed with */
    char is[STELE_CHECKSUM_SIZE]; /* its sum as it is found; "" where the text isn't all there */
    bool good;
};

struct carried {
    uint64_t offset; /* of the manifest in the file */
    const char *generator, *name;
    struct carried_text *texts;
    size_t count, capacity;
    const char *sum; /* the last one: two tables that have it in common are the same; NULL when the manifest can't be read */
    bool good;       /* all of it is what was sealed */
};

struct carried_list {
    struct carried **tables;
    size_t count, capacity;
};

/*
 * Find the tables in the file of source->path, and check each text against its sum. What is wrong with a table is told to
 * the diag, as errors about the source. False when the file can't be read.
 */
bool carried_read(struct carried_list *list, struct source *source, struct memory *memory, struct diag *diag);

#endif
