/* A repeatable migration: any bytes, beside a versioned one that uses names. */
#include "folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (make_folder())
        write_text("m/001_tables.sql", "CREATE TABLE a (x int);\nSELECT f(x) FROM a JOIN b USING (x);\n");
    write_bytes("m/R_input.sql", data, size);
    run_stelec(0);
    return 0;
}
