/*
 * warn.h - warnings: the reason, the danger and the safe way
 *
 *     migrations/007_x.sql:3:1: warning: index "i" is built while nobody can write to "t" [-Wblocking-index]
 *         3 | CREATE INDEX i ON t (x);
 *           | ^
 *     note: the lock (SHARE) lasts as long as the build
 *     hint: CREATE INDEX CONCURRENTLY, in a migration of its own
 *
 * Each rule has a name. -Wno-NAME turns it off, -WNAME on, -Werror=NAME makes it an error, -Werror all of them; a file silences it with
 * a reason, `-- stele: allow NAME "why"`, and stele.conf one for a file that is sealed already.
 *
 * A rule is a function in one of the warn_*.c, and a line in warn.c's table.
 */
#ifndef STELEC_WARN_H
#define STELEC_WARN_H

#include "review.h"

#include <stdio.h>

/* When a rule speaks unless the command line says otherwise. */
typedef enum warn_level { WARN_OFF, WARN_ON, WARN_ERROR } warn_level;

struct warn_rule {
    const char *name;
    warn_level level;    /* WARN_OFF: only with -Wextra or by name */
    const char *summary; /* for `stelec --help=warnings` and the manual */
    /* Each may be NULL. Called for every deed of an up part, before the catalog follows it; when a migration's up part is through; at the end. */
    void (*deed)(struct review *review);
    void (*migration)(struct review *review);
    void (*history)(struct review *review);
};

struct warn_options {
    warn_level *levels; /* of each rule */
    bool all_errors;    /* -Werror */
    bool silent;        /* -w */
};

/* The levels before any -W. */
void warn_start(struct warn_options *options, struct memory *memory);

/* Take what stands behind -W: "error", "extra", "name", "no-name", "error=name", "no-error=name". Returns NULL, or what is wrong. */
const char *warn_take(struct warn_options *options, struct memory *memory, const char *argument);

/* Say so where an "allow" names a rule that isn't there: a typing error, or one that this stelec doesn't have any more. */
void warn_of_unknown_rule(struct diag *diag, const struct source *source, uint32_t offset, const char *name);

/* All rules with their summaries, for --help=warnings. */
void warn_list(FILE *file);

void warn_of_deed(struct review *review);
void warn_of_migration(struct review *review);
void warn_of_history(struct review *review);

/* ------------------------------------------------------- for the rules */

/*
 * Complain about a place in a migration, in the name of a rule. False when the rule is off or silenced there; only when true may notes
 * (diag_note), hints (diag_hint) and fixes (diag_fix) follow. `rule` is the one that is being asked.
 */
bool warn_at(struct review *review, const char *rule, const struct migration *migration, uint32_t offset, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* The same about the deed's own place. */
#define warn(review, rule, ...) warn_at(review, rule, (review)->migration, (review)->deed->offset, __VA_ARGS__)

/* The rules, by the rooms they stand in. */
void rule_absent(struct review *review);          /* absent.c */
void rule_other_component(struct review *review);
void rule_unknown_table(struct review *review);       /* unknown.c */
void rule_unknown_tables(struct review *review);
void rule_embedding_loss(struct review *review);      /* warn_vector.c */
void rule_vector_index_early(struct review *review);
void rule_vector_index_limit(struct review *review);
void rule_ddl_with_backfill(struct review *review);   /* warn_data.c */
void rule_given_ids(struct review *review);
void rule_write_without_where(struct review *review);
void rule_expect_empty(struct review *review);        /* warn_expect.c */
void rule_not_repeatable(struct review *review);      /* warn_repeatable.c */
void rule_search_path_empty(struct review *review);   /* warn_session.c */
void rule_search_path_lost(struct review *review);
void rule_setting_stays(struct review *review);
void rule_incomplete_down(struct review *review);     /* warn_back.c */
void rule_missing_down(struct review *review);
void rule_one_way_down(struct review *review);

#endif
