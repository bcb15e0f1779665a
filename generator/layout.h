/*
 * layout.h - how a folder of migrations is laid out: stele's own way, or another tool's
 *
 * Each layout is a row of one table. What a tool says by the names of files and folders is read by the row's `scan`; what it
 * says in comments, by marks.h; the rest of stelec only knows what a migration is.
 *
 * Another tool's folder is read as that tool reads it: in its order, with its way back, with what it leaves out left out. What
 * can't be had here, a migration in Go or Java, is an error that names the file.
 */
#ifndef STELEC_LAYOUT_H
#define STELEC_LAYOUT_H

#include "folder.h"
#include "marks.h"
#include "migration.h"

struct layout {
    const char *name; /* "golang-migrate": of --layout and of stele.conf */
    const char *form; /* how its files are called, for a message */
    /* Does the folder look like one? Then *why is what says so. NULL for those that marks tell, or a file of the tool's own. */
    bool (*claims)(const struct folder *folder, const char **why);
    void (*scan)(const struct folder *folder); /* lists the migrations, but for those in Lua */
    mark_family marks;
    reference_form form_of_references;
    bool demands_references; /* a ${...} that isn't declared is an error */
    bool numbered;           /* it reads VERSION_name.sql, too */
    bool verify_runs;        /* a verify part passes when it runs without an error */
    bool psql;               /* its scripts are psql's, and set what concerns psql alone */
};

/* The layout of this name; or NULL. */
const struct layout *layout_find(const char *name);

/* Their names, with commas between, for a message. */
const char *layout_names(struct memory *memory);

/*
 * The layout that the folder is in: the one that was asked for, or the one that its names and the marks in its first files speak
 * for. A folder that none of them is in is stele's own. NULL when there are two that do so; that is told to the diag.
 */
const struct layout *layout_of(const struct folder *folder, const char *asked);

/* The rooms that read them. */
void layout_scan_stele(const struct folder *folder);
void layout_scan_goose(const struct folder *folder);
void layout_scan_dbmate(const struct folder *folder);
void layout_scan_sql_migrate(const struct folder *folder);
void layout_scan_tern(const struct folder *folder);
bool layout_claims_golang_migrate(const struct folder *folder, const char **why);
bool layout_claims_sqlx(const struct folder *folder, const char **why);
void layout_scan_golang_migrate(const struct folder *folder);
void layout_scan_sqlx(const struct folder *folder);
bool layout_claims_diesel(const struct folder *folder, const char **why);
bool layout_claims_prisma(const struct folder *folder, const char **why);
void layout_scan_diesel(const struct folder *folder);
void layout_scan_prisma(const struct folder *folder);
bool layout_claims_flyway(const struct folder *folder, const char **why);
void layout_scan_flyway(const struct folder *folder);
/* Drizzle's newer form, a folder for each. */
bool layout_has_snapshots(const struct folder *folder, const char **why);
void layout_scan_snapshots(const struct folder *folder);
bool layout_claims_drizzle(const struct folder *folder, const char **why);
void layout_scan_drizzle(const struct folder *folder);
void layout_scan_sqitch(const struct folder *folder);

#endif
