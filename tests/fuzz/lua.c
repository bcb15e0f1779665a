/* A migration in Lua: any bytes. It may require a module that is there. */
#include "folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (make_folder()) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/m/text", folder);
        if (mkdir(path, 0700) != 0)
            abort();
        write_text("m/stele.conf", "lua .\n");
        write_text("m/text/split.lua", "local split = {}\nfunction split.words(s) return s end\nreturn split\n");
    }
    write_bytes("m/001_input.lua", data, size);
    run_stelec(0);
    return 0;
}
