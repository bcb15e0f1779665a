/* A stele.conf: any bytes, beside a migration with references. */
#include "folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (make_folder())
        write_text("m/001_input.sql", "CREATE TABLE t_${n} (x vector(${n}), y text DEFAULT '${l}');\nSELECT ${i}, ${r};\n");
    write_bytes("m/stele.conf", data, size);
    run_stelec(0);
    return 0;
}
