/* The whole of a migration program: what `make program` links with a directory's generated table. */
#include "../stele.h"

extern const stele_migrations migrations;

int main(int argc, char **argv)
{
    return stele_main(argc, argv, &migrations);
}
