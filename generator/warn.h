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
    bool *spared;       /* each that -Werror is not about: -Wno-error=NAME */
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

/*
 * Is the deed done to a table that others may be using, and that may hold many rows? Not to one that the same migration made or emptied, to a
 * view, to one that isn't there, nor where a parameter stands for the name.
 */
bool warn_is_in_use(const struct review *review);

/* Would the deed's ADD COLUMN IF NOT EXISTS, CREATE INDEX IF NOT EXISTS find it there already? */
bool warn_is_there(const struct review *review);

/* A deed of this kind to this relation in the migration's up part: the nearest one behind, or before, the deed that is looked at; or NULL. */
const struct deed *warn_later(const struct review *review, deed_kind kind, struct object on);
const struct deed *warn_earlier(const struct review *review, deed_kind kind, struct object on);

/* The deeds of the up part around the one that is looked at, as far as they matter: the first, and the end behind the last. */
const struct deed *warn_near_first(const struct review *review);
const struct deed *warn_near_end(const struct review *review);

/* Do both names mean the same relation, as far as they tell? */
bool warn_is_same(struct object a, struct object b);

/* Do the deed and the one before it run in one transaction? */
bool warn_is_one_transaction(const struct review *review, const struct deed *before);

/* As SQL spells it: quoted where it must be. */
const char *warn_spell(const struct review *review, struct object object);
const char *warn_spell_name(const struct review *review, const char *name);

/* "a, b": the deed's columns as SQL spells them; "..." where one is an expression. */
const char *warn_spell_columns(const struct review *review);

/* What a person calls it: "table", "materialized view". */
const char *warn_kind(thing_kind kind);

/* Fix the last complaint: put `words` behind the first `key_word` (in lower case) of the statement; or at its end, when the deed stands there. */
void warn_fix_behind(struct review *review, const char *key_word, const char *words);
void warn_fix_at_end(struct review *review, const char *words);

/* The rules, by the rooms they stand in. */
void rule_absent(struct review *review);          /* absent.c */
void rule_other_component(struct review *review);
void rule_unknown_column(struct review *review);
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
void rule_blocking_drop_index(struct review *review); /* warn_index.c */
void rule_blocking_index(struct review *review);
void rule_blocking_reindex(struct review *review);
void rule_hidden_invalid_index(struct review *review);
void rule_unnamed_concurrent_index(struct review *review);
void rule_blocking_attach(struct review *review);     /* warn_lock.c */
void rule_blocking_detach(struct review *review);
void rule_blocking_refresh(struct review *review);
void rule_many_locks(struct review *review);
void rule_table_rewrite(struct review *review);
void rule_vacuum_full(struct review *review);
void rule_domain_column(struct review *review);       /* warn_column.c */
void rule_generated_column(struct review *review);
void rule_required_column(struct review *review);
void rule_serial_column(struct review *review);
void rule_set_not_null(struct review *review);
void rule_type_change(struct review *review);
void rule_volatile_default(struct review *review);
void rule_blocking_check(struct review *review);      /* warn_constraint.c */
void rule_blocking_exclude(struct review *review);
void rule_blocking_foreign_key(struct review *review);
void rule_blocking_unique(struct review *review);
void rule_blocking_validate(struct review *review);
void rule_domain_constraint(struct review *review);
void rule_drop_cascade(struct review *review);        /* warn_schema.c */
void rule_drop_column(struct review *review);
void rule_drop_database(struct review *review);
void rule_drop_schema(struct review *review);
void rule_drop_table(struct review *review);
void rule_rename_column(struct review *review);
void rule_rename_enum_value(struct review *review);
void rule_rename_schema(struct review *review);
void rule_rename_table(struct review *review);
void rule_truncate(struct review *review);
void rule_char_column(struct review *review);         /* warn_style.c */
void rule_disable_trigger(struct review *review);
void rule_domain_check(struct review *review);
void rule_drop_not_null(struct review *review);
void rule_enum_order(struct review *review);
void rule_json_column(struct review *review);
void rule_lock_timeout(struct review *review);
void rule_not_idempotent(struct review *review);
void rule_prefer_bigint(struct review *review);
void rule_prefer_identity(struct review *review);
void rule_prefer_text(struct review *review);
void rule_prefer_timestamptz(struct review *review);
void rule_unqualified_table(struct review *review);
void rule_wide_index(struct review *review);

#endif
