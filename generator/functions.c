#include "functions.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *key, const void *element)
{
    return strcmp(key, *(const char *const *)element);
}

#define IS_IN(name, list) (bsearch(name, list, sizeof(list) / sizeof(list)[0], sizeof(list)[0], by_name) != NULL)

/* In the order of bytes, all three: they are searched by halves. */
static const char *const reading[] = {
    "abs", "array_agg", "array_length", "array_to_string", "avg", "bool_and", "bool_or", "btrim", "cardinality", "ceil",
    "char_length", "clock_timestamp", "coalesce", "col_description", "concat", "concat_ws", "count", "current_schema",
    "current_schemas", "current_setting", "date_part", "date_trunc", "every", "extract", "floor", "format", "format_type",
    "gen_random_uuid", "generate_series", "json_agg", "json_build_object", "jsonb_agg", "jsonb_array_elements",
    "jsonb_build_object", "jsonb_object_agg", "left", "length", "lower", "lpad", "ltrim", "max", "md5", "min", "now", "nullif",
    "obj_description", "pg_advisory_lock", "pg_advisory_unlock", "pg_advisory_xact_lock", "pg_backend_pid",
    "pg_get_constraintdef", "pg_get_expr", "pg_get_functiondef", "pg_get_indexdef", "pg_get_serial_sequence", "pg_get_viewdef",
    "pg_relation_size", "pg_sleep", "pg_table_is_visible", "pg_total_relation_size", "quote_ident", "quote_literal", "random",
    "replace", "right", "round", "row_number", "row_to_json", "rpad", "rtrim", "set_config", "setval", "string_agg", "strpos",
    "substr", "substring", "sum", "to_char", "to_json", "to_jsonb", "to_regclass", "to_regproc", "to_regtype", "trim", "unnest",
    "upper", "version"};

static const char *const changing[] = {
    "clock_timestamp", "currval", "gen_random_bytes", "gen_random_uuid", "gen_salt", "lastval", "nextval", "random",
    "random_normal", "timeofday", "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4", "uuidv4", "uuidv7"};

static const char *const steady[] = {
    "array_fill", "array_length", "btrim", "coalesce", "concat", "current_database", "current_schema", "current_setting",
    "date_part", "date_trunc", "decode", "encode", "format", "int4range", "int8range", "json_build_array", "json_build_object",
    "jsonb_build_array", "jsonb_build_object", "left", "length", "lower", "make_date", "make_interval", "make_timestamptz",
    "md5", "now", "numrange", "regexp_replace", "replace", "right", "round", "session_user", "setweight", "sha256",
    "split_part", "st_makepoint", "st_setsrid", "statement_timestamp", "substr", "substring", "timezone", "to_char", "to_date",
    "to_json", "to_jsonb", "to_timestamp", "to_tsvector", "transaction_timestamp", "trim", "tsrange", "tstzrange", "upper",
    "uuid_nil", "uuid_ns_dns"};

static bool is_own(const char *schema)
{
    return schema == NULL || strcmp(schema, "pg_catalog") == 0;
}

bool function_only_reads(const char *schema, const char *name)
{
    return is_own(schema) && IS_IN(name, reading);
}

bool function_is_volatile(const char *name)
{
    return IS_IN(name, changing);
}

bool function_is_steady(const char *schema, const char *name)
{
    return is_own(schema) && IS_IN(name, steady);
}
