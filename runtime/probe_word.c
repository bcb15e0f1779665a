#include "probe_word.h"

#include "stele.h"

static const struct {
    const char *word;
    bool on, name;
} kinds[STELE_PROBE_KINDS] = {
    [STELE_PROBE_NONE] = {"none", false, false},
    [STELE_PROBE_REPEAT] = {"repeat", false, false},
    [STELE_PROBE_INDEX] = {"index", true, true},
    [STELE_PROBE_NO_INDEX] = {"no-index", true, false},
    [STELE_PROBE_REINDEX_INDEX] = {"reindex-index", true, false},
    [STELE_PROBE_REINDEX_TABLE] = {"reindex-table", true, false},
    [STELE_PROBE_REINDEX_SCHEMA] = {"reindex-schema", false, true},
    [STELE_PROBE_REINDEX_DATABASE] = {"reindex-database", false, false},
    [STELE_PROBE_DETACH] = {"detach", true, true},
    [STELE_PROBE_DATABASE] = {"database", false, true},
    [STELE_PROBE_NO_DATABASE] = {"no-database", false, true},
    [STELE_PROBE_TABLESPACE] = {"tablespace", false, true},
    [STELE_PROBE_NO_TABLESPACE] = {"no-tablespace", false, true},
    [STELE_PROBE_SUBSCRIPTION] = {"subscription", false, true},
    [STELE_PROBE_NO_SUBSCRIPTION] = {"no-subscription", false, true},
};

const char *stele_probe_word(uint32_t kind)
{
    return kinds[kind < STELE_PROBE_KINDS ? kind : STELE_PROBE_NONE].word;
}

bool stele_probe_has_on(uint32_t kind)
{
    return kind < STELE_PROBE_KINDS && kinds[kind].on;
}

bool stele_probe_has_name(uint32_t kind)
{
    return kind < STELE_PROBE_KINDS && kinds[kind].name;
}
