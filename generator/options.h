/*
 * options.h - the command line of stelec
 */
#ifndef STELEC_OPTIONS_H
#define STELEC_OPTIONS_H

#include "memory.h"

#include <stdbool.h>

enum command { COMMAND_BUILD, COMMAND_SEAL, COMMAND_NEW, COMMAND_HELP, COMMAND_VERSION };

struct options {
    enum command command;
    const char *directory;
    const char *name; /* of a new migration */
    const char *output, *header, *depfile, *symbol, *component;
    const char **definitions; /* of -D */
    size_t definition_count, definition_capacity;
    const char **amend;
    size_t amend_count, amend_capacity;
    bool check, sealed, verbose;
};

/* Read the arguments. Returns NULL, or what is wrong with them. */
const char *options_read(struct options *options, struct memory *memory, int argc, char **argv);

/* The text of --help. */
const char *options_help(void);

#endif
