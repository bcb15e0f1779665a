/* A stele.lock: any bytes, beside migrations that it may or may not be about. */
#include "folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (make_folder()) {
        write_text("m/001_a.sql", "CREATE TABLE a (x int);\n");
        write_text("m/002_b.sql", "CREATE TABLE b (x int);\n");
        write_text("m/R_c.sql", "CREATE OR REPLACE VIEW c AS SELECT x FROM a;\n");
    }
    write_bytes("m/stele.lock", data, size);
    run_stelec(1);
    return 0;
}
