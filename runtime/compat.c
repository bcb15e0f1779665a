#include "compat.h"

#include <stdio.h>
#include <string.h>

static const char expand[] = "expand", contract[] = "contract", opaque[] = "opaque", squash_word[] = "squash ";

/* ----------------------------------------------------------------- writing */

static bool is_of_up(const stele_migration *migration, uint32_t statement)
{
    for (uint32_t i = 0; i < migration->up.step_count; i++) {
        const stele_step *step = &migration->steps[migration->up.first_step + i];
        if (statement >= step->first && statement < step->first + step->count)
            return true;
    }
    return false;
}

/* A statement's first words, white space folded, cut at a character. */
static void put_words(stele_text *text, const char *p, const char *end)
{
    enum { MOST = 100 };
    size_t begin = text->length;
    for (; p < end && text->length - begin < MOST; p++) {
        bool blank = *p == ' ' || *p == '\n' || *p == '\t' || *p == '\r';
        if (!blank)
            stele_text_bytes(text, p, 1);
        else if (text->length > begin && text->bytes[text->length - 1] != ' ')
            stele_text_string(text, " ");
        if (text->failed)
            return;
    }
    for (; p < end && ((unsigned char)*p & 0xC0) == 0x80; p++)
        stele_text_bytes(text, p, 1);
    if (p < end)
        stele_text_string(text, " ...");
}

/* The first statement that breaks something, by its file and line. */
static void put_breaking(stele_text *text, const stele_migration *migration)
{
    for (uint32_t i = 0; i < migration->effect_count; i++) {
        const stele_effect *effect = &migration->effects[i];
        if ((effect->flags & STELE_BREAKS) == 0 || !is_of_up(migration, effect->statement))
            continue;
        const stele_statement *statement = &migration->statements[effect->statement];
        unsigned line;
        const char *file = stele_file_at(migration, statement->begin, &line);
        stele_text_print(text, ": %s:%u: ", file, line);
        put_words(text, migration->text + statement->begin, migration->text + statement->end);
        return;
    }
}

void stele_compat_write(stele_text *text, const stele_migration *migration)
{
    if (migration->contract != NULL) {
        stele_text_print(text, "%s: %s", contract, migration->contract);
    } else if (migration->squashes != NULL) {
        stele_text_print(text, "%s%s %s: %s", squash_word, migration->squashes, migration->squashes_state, migration->squashes_release);
    } else if (migration->expand != NULL) {
        stele_text_print(text, "%s: %s", expand, migration->expand);
    } else if ((migration->flags & STELE_CONTRACTS) != 0) {
        stele_text_string(text, contract);
        put_breaking(text, migration);
    } else {
        stele_text_string(text, (migration->flags & STELE_OPAQUE) != 0 ? opaque : expand);
    }
}

/* ----------------------------------------------------------------- reading */

/* Is the word this one? `*reason` is behind its colon, or "". */
static bool is_word(const char *compat, const char *word, const char **reason)
{
    size_t length = strlen(word);
    *reason = "";
    if (compat == NULL || strncmp(compat, word, length) != 0)
        return false;
    if (strncmp(compat + length, ": ", 2) == 0)
        *reason = compat + length + 2;
    return compat[length] == '\0' || **reason != '\0';
}

bool stele_compat_lives(const char *compat)
{
    const char *reason;
    return is_word(compat, expand, &reason);
}

void stele_compat_reason(const char *compat, char *words, size_t size)
{
    const char *reason;
    if (compat == NULL)
        snprintf(words, size, "the ledger says nothing of it");
    else if (is_word(compat, opaque, &reason))
        snprintf(words, size, "nobody can tell what it does (a DO, a CALL, Lua), and its file doesn't say \"expand\"");
    else if (is_word(compat, contract, &reason) || is_word(compat, expand, &reason))
        snprintf(words, size, "%s", reason);
    else
        snprintf(words, size, "the ledger says \"%s\" of it", compat);
}

bool stele_compat_squash(const char *compat, stele_squash *squash)
{
    *squash = (stele_squash){.release = ""};
    if (compat == NULL || strncmp(compat, squash_word, sizeof squash_word - 1) != 0)
        return false;
    const char *version = compat + sizeof squash_word - 1, *blank = strchr(version, ' ');
    const char *colon = blank == NULL ? NULL : strstr(blank, ": ");
    if (colon == NULL || (size_t)(blank - version) >= sizeof squash->version || (size_t)(colon - blank - 1) >= sizeof squash->state)
        return false;
    memcpy(squash->version, version, (size_t)(blank - version));
    memcpy(squash->state, blank + 1, (size_t)(colon - blank - 1));
    squash->release = colon + 2;
    return true;
}
