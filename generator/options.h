/*
 * options.h - the command line of stelec
 */
#ifndef STELEC_OPTIONS_H
#define STELEC_OPTIONS_H

#include "memory.h"
#include "warn.h"

#include <stdbool.h>

enum command { COMMAND_BUILD, COMMAND_SEAL, COMMAND_NEW, COMMAND_EXPLAIN, COMMAND_INSPECT, COMMAND_HELP, COMMAND_WARNINGS, COMMAND_VERSION };

/* "DIR", or "component=DIR". */
struct folder_option {
    const char *argument; /* as it is written */
    const char *directory;
    const char *component; /* or NULL */
};

struct options {
    enum command command;
    struct folder_option *folders; /* one at least, but for --help and --version */
    size_t folder_count;
    const char *name; /* of a new migration */
    const char *file; /* to explain */
    const char *output, *header, *depfile, *symbol, *component;
    const char *cache; /* or NULL */
    const char *binary; /* the texts go into this file; NULL: into the source, as literals */
    const char *lua; /* the folder of Lua files, or NULL */
    const char *layout; /* or NULL */
    const char **definitions; /* of -D */
    size_t definition_count, definition_capacity;
    const char *program; /* to inspect */
    const char **against; /* folders, which are in `folders`, too, and locks */
    size_t against_count, against_capacity;
    const char **amend;
    size_t amend_count, amend_capacity;
    struct warn_options warnings;
    bool json, check, sealed, verbose, repeatable, job, incbin;
};

/* Read the arguments. Returns NULL, or what is wrong with them. */
const char *options_read(struct options *options, struct memory *memory, int argc, char **argv);

/* The text of --help. */
const char *options_help(void);

#endif
