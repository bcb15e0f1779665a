/* warn_vector.c - rules about embeddings: columns of pgvector's types, and the indexes over them; see warn.h */
#include "warn.h"

#include <string.h>

static const struct type_name *type_of(const struct thing *thing, const char *name)
{
    const struct column *column = catalog_column(thing, name);
    return column == NULL || column->state.presence == PRESENCE_ABSENT ? NULL : column->type;
}

static long dimension_of(const struct type_name *type)
{
    return type->modifier_count == 1 && type->parameter == NULL ? type->modifiers[0] : 0;
}

/* As far as anybody knows here: a parameter that is given at run time is only like itself. */
static bool is_same_dimension(const struct type_name *a, const struct type_name *b)
{
    if (a->parameter != NULL && b->parameter != NULL)
        return strcmp(a->parameter, b->parameter) == 0;
    return a->parameter == b->parameter && dimension_of(a) == dimension_of(b);
}

/* ---------------------------------------------------------- embedding-loss */

/* The ADD COLUMN of this name that follows in the same migration: the column comes back, empty. */
static const struct deed *added_anew(const struct review *review)
{
    const struct migration *migration = review->migration;
    const struct deed *dropped = review->deed, *end = migration->deeds + migration->deed_count;
    for (const struct deed *deed = dropped + 1; deed < end; deed++)
        if (deed->kind == DEED_ADD_COLUMN && deed->on.name != NULL && strcmp(deed->on.name, dropped->on.name) == 0 &&
            strcmp(deed->part, dropped->part) == 0)
            return deed;
    return NULL;
}

static void tell_of_loss(struct review *review, const char *part)
{
    struct diag *diag = review->all->diag;
    diag_note(diag, "an embedding can only be computed anew, from its text, by the model; until that is done, a search finds nothing");
    diag_hint(diag,
              "leave it in place: add a column beside it (\"%s_new\"), or a table of its own, fill that by a job, in batches, build its "
              "index with CREATE INDEX CONCURRENTLY, let the application switch, and only then drop the old one",
              part);
}

/* A drop; of a column whose type nobody knows only where it comes back as a vector. */
static void check_drop(struct review *review)
{
    const struct deed *deed = review->deed, *anew = added_anew(review);
    const struct column *column = catalog_column(review->thing, deed->part);
    bool known = column != NULL && column->type != NULL, present = column != NULL && column->state.presence == PRESENCE_PRESENT;
    bool is_vector = known && present && effect_is_vector(column->type);
    bool surely_none = review->thing != NULL && !present && (review->thing->all_columns || column != NULL);
    if (!is_vector && (known || surely_none || anew == NULL || !effect_is_vector(anew->type)))
        return;
    if (present && column->state.made.migration == review->migration)
        return;
    if (anew != NULL && effect_is_vector(anew->type)) {
        if (warn(review, "embedding-loss", "column \"%s\" of \"%s\" is dropped with every embedding in it, and comes back empty: %s%s%s", deed->part,
                 deed->on.name, is_vector ? column->type->text : "", is_vector ? ", then " : "", anew->type->text))
            tell_of_loss(review, deed->part);
    } else if (warn(review, "embedding-loss", "column \"%s\" of \"%s\", %s, is dropped, with every embedding in it", deed->part,
                    deed->on.name, is_vector ? column->type->text : "a vector before")) {
        diag_note(review->all->diag, "an embedding can only be computed anew, from its text, by the model");
        diag_hint(review->all->diag, "when the one that takes its place is filled, and no program reads this one any more: "
                                     "-- stele: allow embedding-loss \"reason\"");
    }
}

/* Which vectors a cast takes as they are: to another of pgvector's types, to an array of numbers, to text. */
static bool is_kept(const struct type_name *old, const struct type_name *new)
{
    static const char *const others[] = {"float4", "float8", "numeric", "text", "varchar"};
    if (effect_is_vector(new))
        return !new->has_modifiers || !old->has_modifiers || is_same_dimension(old, new);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(new->name.name, others[i]) == 0)
            return new->is_array || i > 2;
    return false;
}

/* What it was, nobody knows here; that it becomes a vector of so many dimensions says that it was one of others, most likely. */
static void check_unknown_type(struct review *review)
{
    const struct deed *deed = review->deed;
    bool surely_none = review->thing != NULL && (review->thing->all_columns || catalog_is_absent(review->catalog, THING_TABLE, &review->thing->state));
    if (surely_none || !effect_is_vector(deed->type) || !deed->type->has_modifiers || deed->type->is_array ||
        !warn(review, "embedding-loss", "column \"%s\" of \"%s\" becomes %s: embeddings of another dimension don't fit", deed->part, deed->on.name,
              deed->type->text))
        return;
    diag_note(review->all->diag, "where the table holds any, the statement fails; emptied for it, they are lost");
    tell_of_loss(review, deed->part);
}

static void check_set_type(struct review *review)
{
    const struct deed *deed = review->deed;
    const struct type_name *old = type_of(review->thing, deed->part), *new = deed->type;
    struct diag *diag = review->all->diag;
    if (old == NULL)
        check_unknown_type(review);
    if (old == NULL || !effect_is_vector(old) || strcmp(old->text, new->text) == 0)
        return;
    if (!is_kept(old, new)) {
        const char *fit = old->parameter != NULL || new->parameter != NULL ? "may not" : "don't";
        if (!warn(review, "embedding-loss", "column \"%s\" of \"%s\" becomes %s, and was %s: its embeddings %s fit", deed->part, deed->on.name,
                  new->text, old->text, fit))
            return;
        if (!(deed->flags & DEED_USING))
            diag_note(diag, "where the table holds any, the statement fails; emptied for it, they are lost");
        tell_of_loss(review, deed->part);
    } else if (strcmp(new->name.name, "halfvec") == 0 && strcmp(old->name.name, "vector") == 0 &&
               warn(review, "embedding-loss", "column \"%s\" of \"%s\" becomes %s, and was %s: each embedding is rounded, for good", deed->part,
                    deed->on.name, new->text, old->text)) {
        diag_note(diag, "nobody can read or write the table meanwhile, and an index with an operator class of vector stands in the way");
        diag_hint(diag, "an index over half precision doesn't need it: CREATE INDEX CONCURRENTLY ... USING hnsw ((%s::halfvec(%ld)) "
                        "halfvec_cosine_ops); or add a column beside it", deed->part, dimension_of(old));
    }
}

/* Of an embedding column: its type changes, or it goes. What the same migration made holds none yet. */
void rule_embedding_loss(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->part == NULL || deed->flags & DEED_OPEN || deed->effects & EFFECT_FRESH)
        return;
    if (deed->kind == DEED_DROP_COLUMN)
        check_drop(review);
    else if (deed->kind == DEED_SET_TYPE)
        check_set_type(review);
}

/* -------------------------------------------------------- vector-index-early */

static bool is_vector_index(const struct deed *deed)
{
    return deed->kind == DEED_CREATE && deed->thing == THING_INDEX && deed->part != NULL &&
           (strcmp(deed->part, "ivfflat") == 0 || strcmp(deed->part, "hnsw") == 0);
}

static bool sets(const struct deed *deed, const char *name)
{
    for (uint32_t i = 0; i < deed->column_count; i++)
        if (name != NULL && strcmp(deed->columns[i], name) == 0)
            return true;
    return false;
}

/* Has the migration, up to here, put values into this column? */
static bool is_loaded(const struct review *review, const char *name)
{
    for (const struct deed *deed = review->migration->deeds; deed < review->deed; deed++)
        if ((deed->kind == DEED_UPDATE || deed->kind == DEED_INSERT || deed->kind == DEED_ANYTHING) &&
            (deed->kind == DEED_ANYTHING || (deed->on.name != NULL && strcmp(deed->on.name, review->deed->on.name) == 0 &&
                                             (deed->column_count == 0 || sets(deed, name)))))
            return true;
    return false;
}

/* ivfflat takes its lists from the rows that are there: of a table or column that this migration made and left empty, there are none. */
static void check_ivfflat(struct review *review)
{
    const struct deed *deed = review->deed;
    const char *name = deed->column_count > 0 ? deed->columns[0] : NULL;
    const struct column *column = catalog_column(review->thing, name);
    bool new_table = catalog_is_new(review->catalog, review->thing) && review->thing->filled.migration == NULL;
    bool new_column = column != NULL && column->state.made.migration == review->migration;
    if (!(new_table || new_column) || is_loaded(review, name))
        return;
    if (!warn(review, "vector-index-early", "an ivfflat index is built on \"%s\" before there is a vector in it", deed->on.name))
        return;
    diag_note(review->all->diag, "its lists are taken from the rows that are there, once; without any, it finds few of the nearest ones, "
                                 "until it is built anew");
    diag_hint(review->all->diag, "build it when the vectors are loaded, with CREATE INDEX CONCURRENTLY in a later migration; or USING hnsw, "
                                 "which needs no rows");
}

/* An hnsw index of the table over this column, that stood before rows did. NULL for none. */
static const struct thing *early_index(const struct review *review)
{
    const struct deed *load = review->deed;
    for (const struct dependent *at = review->thing->dependents; at != NULL; at = at->next) {
        const struct thing *index = at->thing;
        if (index->table != review->thing || !catalog_is_present(index) || index->deed == NULL || !is_vector_index(index->deed) ||
            strcmp(index->deed->part, "hnsw") != 0)
            continue;
        bool touched = load->column_count == 0 || index->deed->column_count == 0 || sets(load, index->deed->columns[0]);
        bool here = index->state.made.migration == review->migration;
        if (touched && (here || load->kind == DEED_INSERT))
            return index;
    }
    return NULL;
}

/* A load into an hnsw index: the first rows of a table by COPY or a query; or an UPDATE in the same migration that sets the column. */
static void check_load(struct review *review)
{
    const struct deed *deed = review->deed;
    bool bulk = deed->kind == DEED_UPDATE ? deed->fixed_count == 0
                                          : review->thing->filled.migration == NULL && (deed->flags & (DEED_QUERY | DEED_DATA)) != 0;
    const struct thing *index = bulk ? early_index(review) : NULL;
    if (index == NULL || !warn(review, "vector-index-early", "\"%s\" is loaded while its hnsw index is there", deed->on.name))
        return;
    const struct migration *made = index->state.made.migration;
    if (made == review->migration)
        diag_note(review->all->diag, "the index is made in line %u; row by row it grows many times slower than it is built over all rows at once",
                  source_line(&made->source, index->state.made.offset));
    else if (made != NULL)
        diag_note(review->all->diag, "\"%s\" made the index, in line %u; row by row it grows many times slower than it is built over all rows at once",
                  made->source.name, source_line(&made->source, index->state.made.offset));
    diag_hint(review->all->diag, made == review->migration ? "load first, then CREATE INDEX"
                                                           : "drop the index, load, and build it anew with CREATE INDEX CONCURRENTLY");
}

void rule_vector_index_early(struct review *review)
{
    const struct deed *deed = review->deed;
    if (deed->flags & DEED_OPEN || review->thing == NULL)
        return;
    if (is_vector_index(deed) && strcmp(deed->part, "ivfflat") == 0)
        check_ivfflat(review);
    else if (deed->kind == DEED_INSERT || deed->kind == DEED_UPDATE)
        check_load(review);
}

/* ------------------------------------------------------- vector-index-limit */

/* What pgvector's indexes take at most; 0 where that isn't counted in dimensions. */
static long most_dimensions(const struct type_name *type)
{
    return strcmp(type->name.name, "vector") == 0 ? 2000 : strcmp(type->name.name, "halfvec") == 0 ? 4000 : 0;
}

static void check_indexed(struct review *review, const char *name, const struct type_name *type)
{
    struct diag *diag = review->all->diag;
    long most = most_dimensions(type), dimension = dimension_of(type);
    const char *method = review->deed->part;
    if (!type->has_modifiers) {
        if (!warn(review, "vector-index-limit", "column \"%s\" of \"%s\" has no dimension, and %s needs one", name, review->deed->on.name, method))
            return;
        diag_note(diag, "the statement fails: column does not have dimensions");
        diag_hint(diag, "say it in the type, %s(1536); or index an expression, for rows of one dimension: USING %s ((%s::%s(1536)) "
                        "%s_cosine_ops) WHERE ...", type->name.name, method, name, type->name.name, type->name.name);
    } else if (most > 0 && dimension > most) {
        if (!warn(review, "vector-index-limit", "an %s index takes a %s of up to %ld dimensions, and column \"%s\" of \"%s\" has %ld", method,
                  type->name.name, most, name, review->deed->on.name, dimension))
            return;
        diag_note(diag, "the statement fails, in every version of pgvector up to 0.8");
        if (most == 2000 && dimension <= 4000)
            diag_hint(diag, "index it in half precision: USING hnsw ((%s::halfvec(%ld)) halfvec_cosine_ops), and search with the same expression",
                      name, dimension);
        else
            diag_hint(diag, "index its bits, USING hnsw ((binary_quantize(%s)::bit(%ld)) bit_hamming_ops), and rank what that finds by the vectors; or "
                            "let the model make shorter ones", name, dimension);
    }
}

void rule_vector_index_limit(struct review *review)
{
    const struct deed *deed = review->deed;
    if (!is_vector_index(deed) || deed->flags & DEED_OPEN)
        return;
    for (uint32_t i = 0; i < deed->column_count; i++) {
        const struct type_name *type = deed->columns[i] == NULL ? NULL : type_of(review->thing, deed->columns[i]);
        if (type != NULL && effect_is_vector(type) && !type->is_array)
            check_indexed(review, deed->columns[i], type);
    }
}
