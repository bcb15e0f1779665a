/*
 * secret.h - a secret is named by an environment variable, and its value never leaves the memory of who needs it
 */
#ifndef STELE_JOB_SECRET_H
#define STELE_JOB_SECRET_H

#include <stdbool.h>

#include "../stele.h"

/* The value of that environment variable, which stays the environment's; NULL, with an UNMET, where it isn't set or is empty. No message ever has it. */
const char *stele_secret_read(const char *variable, stele_error *error);

/* Is it what an environment variable may be called here: letters, digits and _, not beginning with a digit? */
bool stele_secret_is_name(const char *variable);

/* Take the value of a secret out of all that an error says: the server quotes what it is given. Of one too short to be told from other words, nothing is left of the text it stands in. */
void stele_secret_hide(const char *value, stele_error *error);

#endif
