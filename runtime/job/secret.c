#include "secret.h"

#include <stdlib.h>

#include "../error.h"

bool stele_secret_is_name(const char *variable)
{
    const char *p = variable;
    while ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || *p == '_' || (*p >= '0' && *p <= '9' && p > variable))
        p++;
    return p > variable && *p == '\0';
}

const char *stele_secret_read(const char *variable, stele_error *error)
{
    const char *value = getenv(variable);
    if (value != NULL && value[0] != '\0')
        return value;
    stele_error_set(error, STELE_UNMET, "the environment variable %s, which holds a secret that this job needs, is %s", variable,
                    value == NULL ? "not set" : "empty");
    stele_error_hint(error, "set it where this program is started, for each of the job's workers");
    return NULL;
}
