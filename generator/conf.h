/*
 * conf.h - stele.conf, and -D: the component's name and the parameters
 *
 *     # comment
 *     component memory
 *     lua ../lua
 *     layout flyway
 *     placeholders off
 *     parameter embedding_dim integer build 384
 *     parameter owner identifier run "app owner"
 *     warn-after 042
 *     allow drop-column 043 "unused since 1.4"
 *     dimension eu.document.embedding eu_document
 *
 * A build parameter has its value when the program is built, a run parameter when it is applied (what stands here
 * is its default, and may be left out).
 */
#ifndef STELEC_CONF_H
#define STELEC_CONF_H

#include "../runtime/stele.h"
#include "diag.h"
#include "source.h"

struct parameter {
    stele_parameter table;   /* as it goes into the generated table */
    size_t name_length;
    uint32_t offset;         /* where it is declared, or SOURCE_WHOLE */
    uint32_t joined;         /* its index among the parameters of all folders */
};

/* What the macro of a column's dimension is called behind STELE_DIM_, where its own name won't do. */
struct conf_dimension {
    const char *column; /* "table.column", "schema.table.column" */
    const char *name;
    uint32_t offset;
    bool used;
};

/* A rule that is silent about one migration, which is sealed and can't say so itself. */
struct conf_allow {
    const char *rule, *version;
    uint32_t offset; /* of the version */
};

struct conf {
    struct source source;
    const char *warn_after; /* migrations up to this version are not warned of; or NULL */
    uint32_t warn_after_offset;
    struct conf_allow *allows;
    size_t allow_count, allow_capacity;
    struct conf_dimension *dimensions;
    size_t dimension_count, dimension_capacity;
    const char *component; /* of files that don't say; never NULL after conf_read */
    const char *lua;       /* the folder of Lua files, as a path; or NULL */
    uint32_t lua_offset;   /* where the file says so */
    const char *layout;    /* its name, which need not be one; or NULL */
    uint32_t layout_offset;
    bool no_placeholders;  /* a ${...} that isn't declared is text, also where the layout's tool would replace it */
    bool named;            /* somebody chose the component's name */
    struct parameter *parameters; /* in the order they were declared */
    size_t parameter_count, parameter_capacity;
};

/*
 * Read DIR/stele.conf, which may be missing. `component` is that of the command line, which wins, or NULL.
 * What is wrong is told to `diag`.
 */
void conf_read(struct conf *conf, struct memory *memory, struct diag *diag, const char *directory,
               const char *component);

/*
 * Take "name=value" of a -D: a new value for the parameter where it is declared; where none of these declares it, a new build
 * parameter of all, an integer when the value looks like one and a literal otherwise. Returns NULL, or what is wrong with it.
 */
const char *conf_define(struct conf *const *confs, size_t count, struct memory *memory, const char *definition);

/*
 * Put the parameters of `conf` among those of `all`, and note their indexes there. A program has one value of a name: what
 * was declared otherwise before is told to the diag.
 */
void conf_join(struct conf *all, struct conf *conf, struct memory *memory, struct diag *diag);

/* The index of the parameter with this name, or -1. */
long conf_find(const struct conf *conf, const char *name, size_t length);

/* A component's name: a letter, then letters, digits and single underscores; it becomes part of C names. */
bool conf_is_component(const char *name);

#endif
