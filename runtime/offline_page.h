/*
 * offline_page.h - what the two rooms share that write a migration into a script: as a whole, and step by step
 */
#ifndef STELE_OFFLINE_PAGE_H
#define STELE_OFFLINE_PAGE_H

#include "offline.h"

/* What is being written. */
typedef struct stele_page {
    stele_sheet *sheet;
    stele_text *text;
    const stele_action *action;
    const stele_migration *migration;
    size_t component;
    bool back; /* on the way out */
    bool role; /* the statements may set a role, which their steps keep; the ledger is written as ours */
} stele_page;

/* The clock, in microseconds. */
#define STELE_NOW "(pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) OPERATOR(pg_catalog.*) 1000000)::pg_catalog.int8"

void stele_page_put(stele_page *p, const char *words);

/* The ledger's word for a deed, by the way that is gone. */
const char *stele_page_deed(const stele_page *p, const char *word, const char *down_word);

/* Change to the role in psql's variable, or to ours, until the transaction's end; and which is ours. */
void stele_page_role(stele_page *p, const char *role);
void stele_page_own_role(stele_page *p);
const char *stele_own_role(const stele_page *p);

/* The begin of a step's transaction, with the lock and the look at the ledger. */
void stele_page_begin(stele_page *p, const char *modes);

/* What a run over a connection of its own sends before the row. */
void stele_page_restore(stele_page *p, uint32_t flags);

/* A row; `took` and `reason` are expressions. */
void stele_page_row(stele_page *p, const char *deed, unsigned step, const char *reason, const char *took);

/* One statement of a step, or all of them. */
void stele_page_statement(stele_page *p, const stele_step *step, const stele_statement *statement);
void stele_page_statements(stele_page *p, const stele_step *step);

/* All steps that are left; offline_steps.c. */
void stele_page_steps(stele_page *p);

#endif
