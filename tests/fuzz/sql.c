/* A migration in SQL: any bytes, read to the end, with parameters and a repeatable migration beside it. */
#include "folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (make_folder()) {
        write_text("m/stele.conf", "parameter n integer build 3\nparameter i identifier run app\n"
                                   "parameter l literal run x\nparameter r raw build public\n");
        write_text("m/R_view.sql", "CREATE VIEW a AS SELECT 1 AS x;\nCREATE FUNCTION f(x int) RETURNS int RETURN x;\n");
    }
    write_bytes("m/001_input.sql", data, size);
    run_stelec(0);
    explain("m/001_input.sql");
    return 0;
}
