#include "secret.h"

#include <stdlib.h>
#include <string.h>

#include "../error.h"
#include "answer.h"

enum { SHORT = 4 };

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

static void hide(const char *value, char *text, size_t size)
{
    char kept[sizeof((stele_error *)0)->message];
    if (strlen(value) < SHORT) {
        if (strstr(text, value) != NULL)
            stele_error_copy(text, size, "(not shown: a secret may stand in it)");
        return;
    }
    stele_error_copy(kept, sizeof kept, text);
    stele_clean(text, size, kept, value);
}

void stele_secret_hide(const char *value, stele_error *error)
{
    hide(value, error->message, sizeof error->message);
    hide(value, error->detail, sizeof error->detail);
    hide(value, error->hint, sizeof error->hint);
    hide(value, error->context, sizeof error->context);
}
