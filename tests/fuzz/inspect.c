/* A program that stelec inspect looks into: any bytes behind the first words of a manifest, which is where reading begins. */
#include "folder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char mark[] = "\0stele-sealed" "-table 1\n";
    char path[PATH_MAX], name[] = "stelec", command[] = "inspect", json[] = "--json";
    char *arguments[] = {name, command, json, path, NULL};
    make_folder();
    uint8_t *bytes = malloc(sizeof mark - 1 + size);
    if (bytes == NULL)
        abort();
    memcpy(bytes, mark, sizeof mark - 1);
    if (size > 0)
        memcpy(bytes + sizeof mark - 1, data, size);
    write_bytes("program", bytes, sizeof mark - 1 + size);
    free(bytes);
    snprintf(path, sizeof path, "%s/program", folder);
    int status = stelec_main(4, arguments);
    if (status != 0 && status != 1)
        abort();
    return 0;
}
