/*
 * follow.c - what the watch sees of a run, told of the migration that it is about
 */
#include "run.h"

/* Is it this statement that the server runs? As far as the server shows it, and up to where a parameter's value would stand. */
static bool is_running(const stele_migration *migration, uint32_t index, const char *running)
{
    const stele_statement *statement = &migration->statements[index];
    size_t length = 0, most = statement->end - statement->begin;
    const char *text = migration->text + statement->begin;
    while (length < most && running[length] != '\0' && running[length] == text[length])
        length++;
    return length > 0 && (length == most || running[length] == '\0' || text[length] == '$');
}

/*
 * The action that the server is at: it keeps its answers until it is asked for them or has done all, so it may be far beyond the oldest
 * that isn't answered.
 */
static size_t find_running(const stele_run *run)
{
    const stele_link *link = &run->handle->link;
    for (unsigned i = 0; i < link->inflight; i++) {
        uint64_t item = link->items[(link->first + i) % STELE_PIPE_LIMIT];
        if (stele_item_what(item) == ITEM_STATEMENT &&
            is_running(stele_run_migration(run, stele_item_action(item)), (uint32_t)item, run->tries->watch.running))
            return stele_item_action(item);
    }
    return stele_item_action(link->inflight > 0 ? link->items[link->first] : link->failed_item);
}

/* What the watch has seen, of what is being run. */
static void forward_watch(void *data, stele_event_kind kind, const char *message)
{
    stele_run *run = data;
    size_t action = find_running(run);
    run->message = message;
    if (action < run->list->count)
        stele_run_tell(run, kind, action, 0, 0);
    run->message = NULL;
}

void stele_run_watch(stele_run *run)
{
    stele_watch *watch = &run->tries->watch;
    unsigned timeout = run->handle->options.lock_timeout_ms;
    watch->link = &run->handle->link;
    watch->patience = timeout > 0 && timeout < 2000 ? (int64_t)timeout * 250 : 500000;
    watch->off = run->handle->options.no_watch != 0;
    watch->backend = 0;
    watch->tell = forward_watch;
    watch->data = run;
    watch->blockers[0] = watch->progress[0] = '\0';
    watch->link->meanwhile = stele_watch_meanwhile;
    watch->link->meanwhile_data = watch;
}

void stele_run_unwatch(stele_run *run)
{
    run->tries->watch.tell = NULL;
    run->handle->link.meanwhile = NULL;
}
