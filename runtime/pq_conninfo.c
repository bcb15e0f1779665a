#define _POSIX_C_SOURCE 200809L

#include "pq_inside.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "error.h"

/*
 * Connection strings hold passwords, and what libpq and the server say about one that is wrong quotes it, or what they took for a host, port or database
 * in it: of "postgres://me:p@ss@host/db" the host "ss@host". So whatever isn't surely what it was meant to be is refused here, without
 * quoting a byte of it, before anybody else sees it.
 */

static bool is_uri(const char *conninfo)
{
    return strncmp(conninfo, "postgresql://", 13) == 0 || strncmp(conninfo, "postgres://", 11) == 0;
}

static stele_status refuse(const char *what, stele_error *error)
{
    stele_error_set(error, STELE_NO_CONNECTION, "%s", what);
    stele_error_hint(error, "write postgresql://USER@HOST:PORT/DATABASE?KEY=VALUE, or KEY=VALUE pairs with values that hold "
                            "blanks in single quotes; in a URI, characters such as @ : / %% are written %%40 %%3A %%2F %%25");
    return STELE_NO_CONNECTION;
}

/* The one @ of a URI ends its user and password; one in a password, or a / before it, moves all that comes behind. */
static bool is_misread(const char *uri)
{
    const char *begin = strstr(uri, "://") + 3;
    size_t length = strcspn(begin, "?");
    const char *at = memchr(begin, '@', length), *slash = memchr(begin, '/', length);
    if (at == NULL)
        return false;
    return (slash != NULL && slash < at) || memchr(at + 1, '@', length - (size_t)(at + 1 - begin)) != NULL;
}

/* Numbers, with commas between them; libpq looks at them when it connects, and quotes what is none. */
static bool are_ports(const char *ports)
{
    for (const char *p = ports; *p != '\0'; p += strspn(p, ",")) {
        size_t digits = strspn(p, "0123456789"), length = strcspn(p, ",");
        if (digits != length || length > 5 || strtol(p, NULL, 10) > 65535)
            return false;
        p += length;
    }
    return true;
}

static const char *value_of(const PQconninfoOption *parsed, const char *keyword)
{
    for (; parsed->keyword != NULL; parsed++)
        if (strcmp(parsed->keyword, keyword) == 0)
            return parsed->val == NULL ? "" : parsed->val;
    return "";
}

/* Does it hold another key: of "dbname=db,password=x", the database? */
static bool holds_key(const char *value)
{
    for (const char *p = value; *p != '\0'; p++)
        if (strncasecmp(p, "password", 8) == 0 || strncasecmp(p, "pwd=", 4) == 0)
            return true;
    return false;
}

/* All of these but those may be quoted: a password isn't, and in settings and the names of files anything goes. */
static bool is_quoted(const char *keyword)
{
    static const char *const others[] = {"password", "sslpassword", "passfile", "options", "sslkey", "sslcert", "sslrootcert", "sslcrl",
                                         "sslcrldir", "application_name", "fallback_application_name"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(keyword, others[i]) == 0)
            return false;
    return true;
}

static bool is_any_misread(const PQconninfoOption *parsed)
{
    for (; parsed->keyword != NULL; parsed++)
        if (parsed->val != NULL && is_quoted(parsed->keyword) && holds_key(parsed->val))
            return true;
    return false;
}

/* What was parsed: is each part what it says? NULL, or what is wrong. */
static const char *doubt(const char *conninfo, const PQconninfoOption *parsed)
{
    if (is_uri(conninfo) && is_misread(conninfo))
        return "the connection string has an @ or / in its password that isn't written %40 or %2F";
    if (!are_ports(value_of(parsed, "port")))
        return "the port in the connection string is no number from 0 to 65535";
    if (is_uri(conninfo) && value_of(parsed, "password")[0] == '\0' && strchr(value_of(parsed, "user"), ':') != NULL)
        return "the user in the connection string has a : in it";
    if (is_any_misread(parsed))
        return "one value in the connection string holds another key: only blanks part one from the next";
    if (strstr(value_of(parsed, "dbname"), "://") != NULL || strstr(value_of(parsed, "host"), "://") != NULL)
        return "within the connection string, the name of the host or database is another connection string";
    return NULL;
}

static stele_status check_string(const char *conninfo, PQconninfoOption **parsed, stele_error *error)
{
    *parsed = NULL;
    if (!is_uri(conninfo) && strchr(conninfo, '=') == NULL)
        return conninfo[strcspn(conninfo, "@:/")] == '\0'
                   ? STELE_OK
                   : refuse("the connection string is neither a URI of PostgreSQL's, nor KEY=VALUE pairs, nor the name of a database", error);
    *parsed = PQconninfoParse(conninfo, NULL);
    if (*parsed == NULL)
        return refuse("the connection string can't be parsed", error);
    const char *what = doubt(conninfo, *parsed);
    return what == NULL ? STELE_OK : refuse(what, error);
}

static stele_status refuse_inside(stele_error *error)
{
    stele_error_set(error, STELE_NO_CONNECTION, "the environment or the service file names a connection string where a name or number belongs");
    stele_error_hint(error, "PGHOST, PGPORT, PGUSER and PGDATABASE take one thing each; a whole connection string goes behind --db or into DATABASE_URL");
    return STELE_NO_CONNECTION;
}

/* PGDATABASE=postgres://...: libpq takes that for a name, which the server would quote, and write into its log. */
static stele_status check_environment(const char *conninfo, const PQconninfoOption *parsed, stele_error *error)
{
    static const char *const names[] = {"host", "port", "user", "dbname"};
    PQconninfoOption *defaults = PQconndefaults();
    bool inside = false;
    for (size_t i = 0; defaults != NULL && i < sizeof names / sizeof names[0]; i++) {
        bool given = parsed != NULL ? value_of(parsed, names[i])[0] != '\0' : strcmp(names[i], "dbname") == 0 && conninfo[0] != '\0';
        inside |= !given && strstr(value_of(defaults, names[i]), "://") != NULL;
    }
    PQconninfoFree(defaults);
    return inside ? refuse_inside(error) : STELE_OK;
}

stele_status stele_pq_check_conninfo(const char *conninfo, stele_error *error)
{
    PQconninfoOption *parsed;
    stele_status status = check_string(conninfo, &parsed, error);
    if (status == STELE_OK)
        status = check_environment(conninfo, parsed, error);
    PQconninfoFree(parsed);
    return status;
}

/* What a service file says only shows once a connection was tried. */
stele_status stele_pq_connect_failed(stele_link *link, stele_error *error)
{
    const PGconn *connection = link->connection;
    const char *const names[] = {PQdb(connection), PQhost(connection), PQuser(connection), PQport(connection)};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i] != NULL && strstr(names[i], "://") != NULL)
            return refuse_inside(error);
    return stele_pq_fail(link, NULL, error);
}

bool stele_conninfo_has_password(const char *conninfo)
{
    PQconninfoOption *parsed = PQconninfoParse(conninfo, NULL);
    if (parsed == NULL)
        return false;
    bool found = value_of(parsed, "password")[0] != '\0' || value_of(parsed, "sslpassword")[0] != '\0';
    PQconninfoFree(parsed);
    return found;
}

bool stele_is_like_conninfo(const char *word)
{
    const char *at = strchr(word, '@');
    return strstr(word, "://") != NULL || strstr(word, "password=") != NULL || (at != NULL && memchr(word, ':', (size_t)(at - word)) != NULL);
}
