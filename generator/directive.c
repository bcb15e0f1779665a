#include "directive.h"

#include "expect.h"
#include "text.h"
#include "warn.h"

#include <string.h>

enum { MOST_WORDS = 32 };

/* One directive being read. words[0] is its name. */
struct reading {
    struct migration *migration;
    struct memory *memory;
    struct diag *diag;
    const struct word *words;
    size_t count;
    uint32_t query, end; /* of an expect: where its query begins, or 0; where the comment ends */
};

struct rule {
    const char *name;
    directive_kind kind;
    const char *grammar; /* NULL: not supported by this version */
    bool (*take)(struct reading *reading); /* false when the words don't fit the grammar */
    const char *not_repeatable; /* why it can't be in R_name.sql; or NULL */
};

static bool complain(struct reading *reading, size_t index, const char *message, const char *hint)
{
    diag_error(reading->diag, &reading->migration->source, reading->words[index].begin, "%s", message);
    if (hint != NULL)
        diag_hint(reading->diag, "%s", hint);
    reading->migration->broken = true;
    return true;
}

static bool take_once(struct reading *reading, const char **where, const char *value)
{
    if (*where != NULL)
        return complain(reading, 0, memory_print(reading->memory, "\"%s\" is given twice", reading->words[0].text),
                        NULL);
    *where = value;
    return true;
}

static bool take_component(struct reading *reading)
{
    if (reading->count != 2)
        return false;
    if (!conf_is_component(reading->words[1].text))
        return complain(reading, 1,
                        memory_print(reading->memory, "malformed component \"%s\"", reading->words[1].text),
                        "a component is a letter, then letters, digits and single underscores");
    return take_once(reading, &reading->migration->own_component, reading->words[1].text);
}

static bool take_bare(struct reading *reading)
{
    return reading->count == 1;
}

static bool take_no_transaction(struct reading *reading)
{
    for (int part = 0; part < PART_COUNT; part++)
        reading->migration->no_transaction[part] = true;
    return reading->count == 1;
}

static bool take_idempotent(struct reading *reading)
{
    reading->migration->idempotent = true;
    return reading->count == 1;
}

/* What PostgreSQL takes for a time: a number with an optional unit, "5s", "1.5min", "250". */
static bool is_duration(const char *text)
{
    static const char *const units[] = {"", "us", "ms", "s", "min", "h", "d"};
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 9)
        return false;
    text += digits;
    if (*text == '.' && is_digit(text[1]))
        text += 1 + strspn(text + 1, "0123456789");
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(text, units[i]) == 0)
            return true;
    return false;
}

static bool take_timeout(struct reading *reading, const char **where)
{
    if (reading->count != 2)
        return false;
    if (!is_duration(reading->words[1].text))
        return complain(reading, 1, memory_print(reading->memory, "malformed time \"%s\"", reading->words[1].text),
                        "a number and a unit, as PostgreSQL takes it: 500ms, 5s, 2min");
    return take_once(reading, where, reading->words[1].text);
}

static bool take_lock_timeout(struct reading *reading)
{
    return take_timeout(reading, &reading->migration->lock_timeout);
}

static bool take_statement_timeout(struct reading *reading)
{
    return take_timeout(reading, &reading->migration->statement_timeout);
}

/* A reason, in quotes. */
static bool take_reason(struct reading *reading, const char **where)
{
    if (reading->count != 2 || !reading->words[1].quoted || reading->words[1].text[0] == '\0')
        return false;
    return take_once(reading, where, reading->words[1].text);
}

static bool take_one_way(struct reading *reading)
{
    return take_reason(reading, &reading->migration->one_way);
}

static bool take_contract(struct reading *reading)
{
    if (reading->migration->expand != NULL)
        return complain(reading, 0, "\"contract\" and \"expand\" in one file", "older programs can live with it, or they can't");
    return take_reason(reading, &reading->migration->contract);
}

static bool take_expand(struct reading *reading)
{
    if (reading->migration->contract != NULL)
        return complain(reading, 0, "\"contract\" and \"expand\" in one file", "older programs can live with it, or they can't");
    return take_reason(reading, &reading->migration->expand);
}

static bool is_version(const char *text)
{
    if (!is_digit(*text))
        return false;
    for (; *text != '\0'; text++)
        if (!is_digit(*text) && (*text != '.' || !is_digit(text[1])))
            return false;
    return true;
}

/* A digest of a state, as stele.lock has it. */
static bool is_state(const char *text)
{
    return strncmp(text, "d1:", 3) == 0 && strlen(text) == STELE_CHECKSUM_SIZE - 1 &&
           strspn(text + 3, "0123456789abcdef") == STELE_CHECKSUM_SIZE - 4;
}

/* Without the digest it is accepted here: squash.c knows which one belongs there. */
static bool take_squashes(struct reading *reading)
{
    const struct word *words = reading->words;
    struct migration *migration = reading->migration;
    size_t last = reading->count - 1;
    if ((reading->count != 3 && reading->count != 4) || !is_version(words[1].text) || !words[last].quoted || words[last].text[0] == '\0')
        return false;
    if (reading->count == 4 && !is_state(words[2].text))
        return complain(reading, 2, memory_print(reading->memory, "malformed digest \"%s\"", words[2].text),
                        "d1: and 64 hexadecimal digits: stele.lock of that release has it, in the line of that version");
    migration->squashes_at = words[1].begin;
    migration->squashes_state = reading->count == 4 ? words[2].text : NULL;
    migration->squashes_release = words[last].text;
    return take_once(reading, &migration->squashes, words[1].text);
}

static bool take_needs(struct reading *reading)
{
    const struct word *words = reading->words;
    struct migration *migration = reading->migration;
    bool bounded = reading->count == 4 && strcmp(words[2].text, ">=") == 0;
    if ((reading->count != 2 && !bounded) || words[1].text[0] == '\0')
        return false;
    if (bounded && !is_version(words[3].text))
        return complain(reading, 3, memory_print(reading->memory, "malformed version \"%s\"", words[3].text), NULL);
    migration->needs = memory_grow(reading->memory, migration->needs, migration->need_count,
                                   &migration->need_capacity, sizeof *migration->needs);
    migration->needs[migration->need_count++] = (stele_need){
        words[1].text, bounded ? words[3].text : NULL, source_line(&migration->source, words[0].begin)};
    return true;
}

/* "005", "auth/005", "R_views" or "auth/R_views". A name may hold anything, a slash too: one of a component has a component before. */
static bool add_dependency(struct reading *reading, const char *text, uint32_t offset)
{
    struct migration *migration = reading->migration;
    const char *slash = strchr(text, '/'), *component = NULL;
    if (slash != NULL && strncmp(text, "R_", 2) != 0) {
        component = memory_copy(reading->memory, text, (size_t)(slash - text));
        text = slash + 1;
        if (!conf_is_component(component))
            return false;
    }
    if (!is_version(text) && (strncmp(text, "R_", 2) != 0 || text[2] == '\0'))
        return false;
    migration->after = memory_grow(reading->memory, migration->after, migration->after_count,
                                   &migration->after_capacity, sizeof *migration->after);
    migration->after[migration->after_count++] =
        (struct dependency){.component = component, .version = text, .offset = offset};
    return true;
}

/* Take the versions in one word of "after 005, 006": commas may stand with or without blanks. */
static bool take_versions(struct reading *reading, const struct word *word)
{
    if (word->quoted)
        return add_dependency(reading, word->text, word->begin);
    for (const char *p = word->text; *p != '\0';) {
        size_t length = strcspn(p, ",");
        if (length > 0 && !add_dependency(reading, memory_copy(reading->memory, p, length),
                                          word->begin + (uint32_t)(p - word->text)))
            return false;
        p += length + (p[length] == ',');
    }
    return true;
}

static bool take_after(struct reading *reading)
{
    for (size_t i = 1; i < reading->count; i++)
        if (!take_versions(reading, &reading->words[i]))
            return false;
    return reading->count > 1;
}

static bool take_given(struct reading *reading)
{
    struct migration *migration = reading->migration;
    if (reading->count != 2 || reading->words[1].text[0] == '\0')
        return false;
    migration->outsides = memory_grow(reading->memory, migration->outsides, migration->outside_count, &migration->outside_capacity,
                                      sizeof *migration->outsides);
    migration->outsides[migration->outside_count++] =
        (struct outside){.name = reading->words[1].text, .offset = reading->words[1].begin};
    return true;
}

static bool take_allow(struct reading *reading)
{
    struct migration *migration = reading->migration;
    if (reading->count > 1 && strcmp(reading->words[1].text, "use-of-repeatable") == 0)
        migration->allows_use = true;
    if (reading->count != 3 || reading->words[1].quoted || !reading->words[2].quoted || reading->words[2].text[0] == '\0')
        return false;
    warn_of_unknown_rule(reading->diag, &migration->source, reading->words[1].begin, reading->words[1].text);
    migration->allows = memory_grow(reading->memory, migration->allows, migration->allow_count, &migration->allow_capacity,
                                    sizeof *migration->allows);
    migration->allows[migration->allow_count++] = reading->words[1].text;
    return true;
}

/* A number and one of the units, by which it is multiplied. False when it is none, is zero, or doesn't fit. */
static bool read_amount(const char *text, const char *const *units, uint64_t base, uint64_t *amount)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 12)
        return false;
    *amount = 0;
    for (size_t i = 0; i < digits; i++)
        *amount = *amount * 10 + (uint64_t)(text[i] - '0');
    uint64_t factor = 1;
    for (; *units != NULL; units++, factor *= base)
        if (strcmp(*units, text + digits) == 0) {
            bool fits = *amount > 0 && *amount <= INT64_MAX / factor;
            *amount *= factor;
            return fits;
        }
    return false;
}

static bool take_amount(struct reading *reading, const char *const *units, uint64_t base, uint64_t *where)
{
    uint64_t amount;
    if (reading->count != 2 || !read_amount(reading->words[1].text, units, base, &amount))
        return false;
    if (*where != 0)
        return complain(reading, 0, memory_print(reading->memory, "\"%s\" is given twice", reading->words[0].text), NULL);
    *where = amount;
    return true;
}

/* The units are PostgreSQL's. */
static bool take_lua_memory(struct reading *reading)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", NULL};
    return take_amount(reading, units, 1024, &reading->migration->lua_memory);
}

static bool take_lua_steps(struct reading *reading)
{
    static const char *const units[] = {"", "k", "M", "G", NULL};
    return take_amount(reading, units, 1000, &reading->migration->lua_steps);
}

static bool take_expect(struct reading *reading)
{
    return expect_take_words(reading->migration, reading->memory, reading->words, reading->count, reading->query);
}

static const char no_way_back[] = "it has no way back: what it makes, a versioned migration drops with IF EXISTS";

static const struct rule rules[] = {
    {"component", DIRECTIVE_FILE, "component NAME", take_component, NULL},
    {"no-transaction", DIRECTIVE_FILE, "no-transaction", take_no_transaction,
     "it runs in one transaction: leave it out, or make it a versioned migration"},
    {"idempotent", DIRECTIVE_FILE, "idempotent", take_idempotent, "it is run again anyway: leave it out"},
    {"lock-timeout", DIRECTIVE_FILE, "lock-timeout TIME", take_lock_timeout, NULL},
    {"statement-timeout", DIRECTIVE_FILE, "statement-timeout TIME", take_statement_timeout, NULL},
    {"one-way", DIRECTIVE_FILE, "one-way \"reason\"", take_one_way, no_way_back},
    {"contract", DIRECTIVE_FILE, "contract \"reason\"", take_contract, NULL},
    {"expand", DIRECTIVE_FILE, "expand \"reason\"", take_expand, NULL},
    {"squashes", DIRECTIVE_FILE, "squashes VERSION d1:DIGEST \"release\"", take_squashes, "it has no version, so it stands for none"},
    {"needs", DIRECTIVE_FILE, "needs EXTENSION [>= VERSION], or needs server >= VERSION", take_needs, NULL},
    {"after", DIRECTIVE_FILE, "after [COMPONENT/]VERSION|R_NAME[, ...]", take_after, NULL},
    {"allow", DIRECTIVE_FILE, "allow RULE \"reason\"", take_allow, NULL},
    {"lua-memory", DIRECTIVE_FILE, "lua-memory SIZE, as in 256MB", take_lua_memory, NULL},
    {"lua-steps", DIRECTIVE_FILE, "lua-steps COUNT, as in 500M", take_lua_steps, NULL},
    {"unparsed", DIRECTIVE_UNPARSED, "unparsed", take_bare, NULL},
    {"expect", DIRECTIVE_EXPECT, EXPECT_GRAMMAR, take_expect, NULL},
    {"down", DIRECTIVE_DOWN, "down", take_bare, no_way_back},
    {"verify", DIRECTIVE_VERIFY, "verify", take_bare, NULL},
    {"given", DIRECTIVE_FILE, "given FILE, a path from the folder of migrations", take_given, NULL},
};
enum { RULE_COUNT = sizeof rules / sizeof rules[0] };

static const struct rule *find_rule(const char *name)
{
    for (size_t i = 0; i < RULE_COUNT; i++)
        if (strcmp(rules[i].name, name) == 0)
            return &rules[i];
    return NULL;
}

static directive_kind unknown(struct reading *reading)
{
    const char *name = reading->words[0].text, *nearest = NULL;
    size_t best = strlen(name) / 2 + 1;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        size_t distance = edit_distance(name, rules[i].name);
        if (distance < best) {
            best = distance;
            nearest = rules[i].name;
        }
    }
    complain(reading, 0, memory_print(reading->memory, "unknown directive \"%s\"", name), NULL);
    if (nearest != NULL)
        diag_hint(reading->diag, "did you mean \"%s\"?", nearest);
    else
        diag_hint(reading->diag, "write the comment differently, if it is not meant for stele");
    return DIRECTIVE_BROKEN;
}

static bool is_about_lua(const char *name)
{
    return strncmp(name, "lua-", 4) == 0;
}

/* Does it make sense in this kind of file? */
static bool belongs(struct reading *reading, const char *name)
{
    static const struct {
        const char *name, *instead;
    } in_sql[] = {
        {"no-transaction", "Lua runs in the migration's transaction; what can't is written in SQL, in a migration of its own"},
        {"idempotent", "Lua runs in the migration's transaction, which is in as a whole or not at all"},
        {"unparsed", "the SQL in Lua's strings isn't parsed anyway"},
        {"expect", "db:exec returns how many rows a statement affected: if that is wrong, call error"},
        {"down", "write a function: function down(db) ... end"},
        {"verify", "write a function: function verify(db) ... end"},
    };
    bool about_lua = is_about_lua(name);
    if (reading->migration->job && !about_lua)
        return !complain(reading, 0, memory_print(reading->memory, "\"%s\" in a job", name),
                         "directives are about migrations; a job has lua-memory and lua-steps, and what else it is stands in the table that it returns");
    if (about_lua && !reading->migration->lua)
        complain(reading, 0, memory_print(reading->memory, "\"%s\" in a SQL file", name), "leave it out");
    for (size_t i = 0; i < sizeof in_sql / sizeof in_sql[0] && reading->migration->lua; i++)
        if (strcmp(in_sql[i].name, name) == 0)
            return !complain(reading, 0, memory_print(reading->memory, "\"%s\" in a Lua file", name), in_sql[i].instead);
    return !about_lua || reading->migration->lua;
}

static directive_kind apply(struct reading *reading, part_kind part)
{
    const char *name = reading->words[0].text;
    const struct rule *rule = find_rule(name);
    if (rule == NULL)
        return unknown(reading);
    if (rule->grammar == NULL) {
        complain(reading, 0, memory_print(reading->memory, "\"%s\" is not supported by this version of stele", name),
                 NULL);
        return DIRECTIVE_BROKEN;
    }
    if (!belongs(reading, name))
        return DIRECTIVE_BROKEN;
    if (reading->migration->repeatable && rule->not_repeatable != NULL) {
        complain(reading, 0, memory_print(reading->memory, "\"%s\" can't be in a repeatable migration", name),
                 rule->not_repeatable);
        return DIRECTIVE_BROKEN;
    }
    if (rule->kind == DIRECTIVE_FILE && part != PART_UP) {
        complain(reading, 0, memory_print(reading->memory, "\"%s\" is about the whole file", name),
                 "move it before the down and verify parts");
        return DIRECTIVE_BROKEN;
    }
    if (rule->kind == DIRECTIVE_EXPECT && part == PART_VERIFY) {
        complain(reading, 0, memory_print(reading->memory, "\"%s\" in the verify part", name),
                 "a check passes when every value is true: SELECT count(*) >= 1 FROM ...");
        return DIRECTIVE_BROKEN;
    }
    if (!rule->take(reading)) {
        complain(reading, 0, memory_print(reading->memory, "malformed directive \"%s\"", name),
                 memory_print(reading->memory, "-- stele: %s", rule->grammar));
        return DIRECTIVE_BROKEN;
    }
    return rule->kind;
}

/* The words as written, with single blanks between. White space in a query may count: so that stays as it is. */
static const char *canonical_form(struct reading *reading)
{
    const char *text = reading->migration->source.text, *form = "-- stele:";
    for (size_t i = 0; i < reading->count; i++)
        form = memory_print(reading->memory, "%s %.*s", form, (int)(reading->words[i].end - reading->words[i].begin),
                            text + reading->words[i].begin);
    uint32_t end = reading->end;
    while (reading->query != 0 && is_space(text[end - 1]))
        end--;
    return reading->query == 0 ? form : memory_print(reading->memory, "%s %.*s", form, (int)(end - reading->query), text + reading->query);
}

static bool begins_line(const char *text, uint32_t at)
{
    while (at > 0 && text[at - 1] != '\n' && is_space(text[at - 1]))
        at--;
    return at == 0 || text[at - 1] == '\n';
}

directive_kind directive_take(struct migration *migration, struct memory *memory, struct diag *diag, uint32_t begin,
                              uint32_t end, part_kind part, const char **canonical)
{
    static const char mark[] = "stele:";
    const char *text = migration->source.text, *problem = NULL;
    uint32_t at = begin + 2;
    while (at < end && is_space(text[at]))
        at++;
    if (text[begin] != '-' || end - at < sizeof mark - 1 || memcmp(text + at, mark, sizeof mark - 1) != 0)
        return DIRECTIVE_NONE;
    struct word words[MOST_WORDS] = {0};
    at += (uint32_t)sizeof mark - 1;
    uint32_t query = expect_find_query(text, at, end);
    size_t count = words_split(memory, text, at, query == 0 ? end : query, false, words, MOST_WORDS, &problem);
    struct reading reading = {migration, memory, diag, words, count, query, end};
    if (count == 0 && problem == NULL) {
        words[0].begin = begin;
        problem = "empty directive";
    }
    if (!begins_line(text, begin)) {
        words[count].begin = begin;
        problem = "a directive stands on a line of its own";
    }
    *canonical = canonical_form(&reading);
    if (problem != NULL) {
        complain(&reading, count, problem, NULL);
        return DIRECTIVE_BROKEN;
    }
    return apply(&reading, part);
}

static const char *in_lower_case(struct memory *memory, const char *bytes, size_t length)
{
    char *word = memory_copy(memory, bytes, length);
    for (char *p = word; *p != '\0'; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p + 'a' - 'A');
    return word;
}

/* Is text[begin..end) "stele:", in any case, with one slip at most? A lacking colon is one. */
static bool is_near_mark(struct memory *memory, const char *text, uint32_t begin, uint32_t end)
{
    enum { LONGEST = 7 };
    if (end - begin > LONGEST)
        return false;
    return edit_distance(in_lower_case(memory, text + begin, end - begin), "stele:") <= 1;
}

/*
 * Would these words do as a directive? Asked of a copy of the migration, for nobody to hear what is wrong. Prose may
 * have "stele needs" or "stele after" in it; what follows there seldom has the form of a version.
 */
static bool would_fit(const struct rule *rule, const struct migration *migration, struct memory *memory,
                      const struct word *words, size_t count)
{
    struct migration copy = {.source = migration->source, .lua = migration->lua};
    struct diag diag = {.memory = memory};
    struct reading reading = {&copy, memory, &diag, words, count, 0, 0};
    return rule->take != NULL && rule->take(&reading) && diag.errors == 0;
}

const char *directive_meant(const struct migration *migration, struct memory *memory, uint32_t begin, uint32_t end)
{
    const char *text = migration->source.text, *problem = NULL;
    uint32_t at = begin + 2;
    while (at < end && (is_space(text[at]) || text[at] == '-'))
        at++;
    uint32_t mark = at;
    while (at < end && !is_space(text[at]) && text[at] != ':')
        at++;
    bool colon = at < end && text[at] == ':';
    at += colon;
    if (text[begin] != '-' || !begins_line(text, begin) || !is_near_mark(memory, text, mark, at))
        return NULL;
    while (at < end && (is_space(text[at]) || text[at] == ':'))
        colon = text[at++] == ':' || colon;
    struct word words[MOST_WORDS] = {0};
    size_t count = words_split(memory, text, at, end, false, words, MOST_WORDS, &problem);
    if (count == 0 || words[0].quoted)
        return NULL;
    const char *name = in_lower_case(memory, words[0].text, strlen(words[0].text));
    for (size_t i = 0; i < RULE_COUNT; i++) {
        size_t distance = edit_distance(name, rules[i].name);
        if (migration->job && !is_about_lua(rules[i].name))
            continue;
        if ((distance == 0 && colon) ||
            (distance <= 1 && problem == NULL && would_fit(&rules[i], migration, memory, words, count)))
            return rules[i].name;
    }
    return NULL;
}

bool directive_is_foreign_down(const char *text, uint32_t begin, uint32_t end)
{
    static const char *const marks[] = {"+goose down", "+migrate down", "migrate:down", "rambler down", "down migration", "//@undo",
                                        "-- create above / drop below ----"};
    uint32_t at = begin + 2;
    while (at < end && is_space(text[at]))
        at++;
    if (text[begin] != '-' || !begins_line(text, begin))
        return false;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        uint32_t length = (uint32_t)strlen(marks[i]);
        if (end - at >= length && spells(text + at, length, marks[i]))
            return true;
    }
    return false;
}
