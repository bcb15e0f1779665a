/*
 * pace_care.c - what an administrator would slow a job for, or stop it
 *
 * What a job updates leaves a dead row each. Where vacuum can't take them away, since somebody's old transaction might still see them, pages fill up, rows have to leave theirs, and indexes grow.
 * Where vacuum is at the table it should come to its end. Both pass, and the job needn't stop for them: it goes slowly. A wraparound and a full disk don't.
 */
#include <stdio.h>
#include <string.h>

#include "pace_inside.h"

static const double slowly = 0.25; /* of the time */

enum { REMEMBERED = 5 * STELE_SECOND }; /* that somebody else wrote */

static const char *ago(char *out, size_t size, double seconds)
{
    snprintf(out, size, "%.0f %s", seconds < 120 ? seconds : seconds / 60, seconds < 120 ? "s" : "min");
    return out;
}

static void go_slowly(stele_pace *pace, double share)
{
    pace->share = pace->share > 0 && pace->share < share ? pace->share : share;
}

static void look_at_others(stele_pace *pace, const stele_load *load, int64_t now)
{
    if (load->others_write)
        pace->others_at = now;
    bool before = pace->small;
    pace->small = pace->knobs->beside < 1 && now - pace->others_at < REMEMBERED;
    if (pace->small != before)
        stele_pace_size_choose(pace, 0);
    if (!pace->small)
        return;
    go_slowly(pace, pace->knobs->beside);
    if (pace->rests)
        stele_pace_say(pace, STELE_PACE_SLOW, "others write to the same table: %.0f %% of the time is for writes", pace->knobs->beside * 100);
}

/*
 * Held back is what stays the oldest: a transaction may be old, and have begun a new statement, with a new snapshot, just now. Since when that is so, the transaction tells at once, and else what
 * was seen here.
 */
static void look_at_horizon(stele_pace *pace, const stele_load *load, int64_t now)
{
    char words[32];
    bool same = load->held_xid[0] != '\0' && strcmp(load->held_xid, pace->held_xid) == 0;
    if (!same) {
        memcpy(pace->held_xid, load->held_xid, sizeof pace->held_xid);
        pace->held_at = now;
        return;
    }
    double held = (double)(now - pace->held_at) / STELE_SECOND;
    held = load->held_since > held ? load->held_since : held;
    if (held < pace->knobs->horizon || pace->knobs->horizon <= 0)
        return;
    go_slowly(pace, slowly);
    stele_pace_say(pace, STELE_PACE_SLOW, "vacuum is held back for %s by %s", ago(words, sizeof words, held), load->held_by);
}

static void look_at_vacuum(stele_pace *pace, const stele_load *load)
{
    char words[32];
    if (pace->knobs->horizon <= 0 || load->vacuum_since < pace->knobs->horizon)
        return;
    go_slowly(pace, slowly);
    stele_pace_say(pace, STELE_PACE_SLOW, "vacuum is at %s, for %s", load->vacuum_table, ago(words, sizeof words, load->vacuum_since));
}

/* Autovacuum begins to freeze at 0. Half-way to where it does nothing else it should have been done. */
static void look_at_freeze(stele_pace *pace, const stele_load *load)
{
    if (load->freeze_danger < 0.5)
        return;
    go_slowly(pace, slowly);
    stele_pace_say(pace, load->freeze_danger >= 1 ? STELE_PACE_STOP : STELE_PACE_SLOW, "a wraparound comes near: database \"%s\" has %.1f million transactions to freeze", load->freeze_database,
                   load->freeze_age / 1e6);
}

/* What isn't archived stays on the disk, until that is full. */
static void look_at_archiver(stele_pace *pace, const stele_load *load)
{
    double limit = pace->knobs->archive, behind = load->archiver_behind < 0 ? 0 : load->archiver_behind;
    if (limit <= 0 || (behind < limit && !load->archiver_fails))
        return;
    go_slowly(pace, slowly);
    stele_pace_say(pace, behind >= 4 * limit || (behind >= limit && load->archiver_fails) ? STELE_PACE_STOP : STELE_PACE_SLOW, "the archiver %s: %.0f segments of WAL wait for it",
                   load->archiver_fails ? "fails" : "is behind", behind);
}

void stele_pace_care(stele_pace *pace, const stele_load *load, int64_t now)
{
    pace->share = 0;
    look_at_freeze(pace, load);
    look_at_archiver(pace, load);
    look_at_horizon(pace, load, now);
    look_at_vacuum(pace, load);
    look_at_others(pace, load, now);
    if (load->slot_share >= 0 && load->slot_share < 0.25)
        go_slowly(pace, slowly);
}
