#!/usr/bin/perl
# Folders of other tools, read as they are: what a program that was built from one makes of a database is what psql makes of
# the tool's own way up, in the tool's order; and its way back leaves nothing.
use strict;
use warnings;
use Test::More;
use Stele::Test;

# Per layout: its files; `up`, what the tool would run, in its order (a file's name, or SQL); `versions`, as stele calls them; and
# perhaps `say`, what stelec says about it. The first table of each is called first, and is gone after the way back.
my %layouts = (
    'golang-migrate' => {
        files => {
            '000009_init.up.sql'     => "CREATE TABLE first (id int);\nCREATE TABLE second (id int)",
            '000009_init.down.sql'   => "DROP TABLE second;\nDROP TABLE first",
            '00010_index.up.sql'     => "CREATE INDEX CONCURRENTLY first_id ON first (id);\n",
            '10_index.down.sql'      => "DROP INDEX CONCURRENTLY first_id;\n",
            '000011_empty.up.sql'    => '',
            '000011_empty.down.sql'  => '',
            '000012_x.y-z.up.sql'    => "BEGIN;\nALTER TABLE first ADD COLUMN \"a;b\" text DEFAULT '--';\nCOMMIT;\n",
            '000012_x.y-z.down.sql'  => "ALTER TABLE first DROP COLUMN \"a;b\";\n",
            'embed.go'               => "package migrations\n",
            'migrate_test.go'        => "package migrations\n",
            'schema.sql'             => "CREATE TABLE never (x int);\n",
            'README.md'              => "# how\n",
        },
        up       => ['000009_init.up.sql', '00010_index.up.sql', '000011_empty.up.sql', '000012_x.y-z.up.sql'],
        versions => '000009 00010 000011 000012',
        say      => qr/000011_empty.up.sql: warning: holds no statement/,
    },
    sqlx => {
        files => {
            '20230101000000_first.up.sql'   => "CREATE TABLE first (id int);\n",
            '20230101000000_first.down.sql' => "DROP TABLE first;\n",
            '20230102000000_second.up.sql'  => "-- no-transaction\nDO \$\$ BEGIN CREATE TABLE second (id int); COMMIT; END \$\$;\nVACUUM first;\n",
            '20230102000000_second.down.sql' => "-- no-transaction\nDROP TABLE second;\n",
            '20230103000000_simple.sql'     => "ALTER TABLE first ADD COLUMN b int;\n-- stele: down\nALTER TABLE first DROP COLUMN b;\n",
        },
        up       => ['20230101000000_first.up.sql', '20230102000000_second.up.sql', 'ALTER TABLE first ADD COLUMN b int;'],
        versions => '20230101000000 20230102000000 20230103000000',
        say      => qr/20230103000000_simple.sql: warning: file is read, since among pairs only sqlx has such a file/,
    },
    goose => {
        files => {
            '00001_init.sql' => <<'X',
-- +goose Up
-- +goose StatementBegin
CREATE TABLE first (id int);
CREATE FUNCTION twice(int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    -- +goose is only a word here
    RETURN 2 * $1;
END $$
-- +goose StatementEnd
CREATE TABLE second (id int DEFAULT twice(21));

-- +goose Down
DROP TABLE second;
DROP FUNCTION twice(int);
DROP TABLE first;
X
            '00002_index.sql' => <<'X',
-- +goose NO TRANSACTION
-- +goose up
CREATE INDEX CONCURRENTLY second_id ON second (id);
-- +goose down
DROP INDEX CONCURRENTLY second_id;
X
            '00003_env.sql' => <<'X',
-- +goose Up
-- +goose ENVSUB ON
CREATE TABLE ${THIRD} (id int);
-- +goose ENVSUB OFF
COMMENT ON TABLE third IS '${LEFT} alone';
-- +goose Down
-- +goose ENVSUB ON
DROP TABLE ${THIRD};
X
            'embed.go'   => "package migrations\n",
            'stele.conf' => "parameter THIRD identifier build third\n",
        },
        up => [<<'X', 'CREATE INDEX CONCURRENTLY second_id ON second (id);', "CREATE TABLE third (id int); COMMENT ON TABLE third IS '\${LEFT} alone';"],
CREATE TABLE first (id int);
CREATE FUNCTION twice(int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    -- +goose is only a word here
    RETURN 2 * $1;
END $$;
CREATE TABLE second (id int DEFAULT twice(21));
X
        versions => '00001 00002 00003',
    },
    dbmate => {
        files => {
            '20200101120000_init.sql' => <<'X',
-- what for

-- migrate:up
CREATE TABLE first (id int);

-- migrate:down
DROP TABLE first;

-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY first_id ON first (id);

-- migrate:down transaction:false
X
            '20190101_shorter-but-first.sql' => "-- migrate:up\nCREATE TABLE zero (id int);\n-- migrate:down\nDROP TABLE zero;\n",
            '20210101_shorter.sql' => "--migrate:up\nALTER TABLE first ADD COLUMN b int;\n--migrate:down\nALTER TABLE first DROP COLUMN b;\n",
        },
        up       => ['CREATE TABLE zero (id int);', 'CREATE TABLE first (id int);', 'CREATE INDEX CONCURRENTLY first_id ON first (id);',
                     'ALTER TABLE first ADD COLUMN b int;'],
        versions => '20190101 20200101120000 20200101120000.20210101',
    },
    'sql-migrate' => {
        files => {
            '1_init.sql' => "-- +migrate Up\nCREATE TABLE first (id int);\n-- +migrate Down\nDROP TABLE first;\n",
            '2_index.sql' => "-- +migrate Up notransaction\nCREATE INDEX CONCURRENTLY first_id ON first (id);\n"
                . "-- +migrate Down\nDROP INDEX first_id;\n",
            '10_function.sql' => <<'X',
-- +migrate Up
-- +migrate StatementBegin
CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'
-- +migrate StatementEnd
-- +migrate Down
DROP FUNCTION one();
-- +migrate Up
CREATE VIEW v AS SELECT one() AS one;
X
            'last.sql' => "-- +migrate Up\nALTER TABLE first ADD COLUMN b int;\n-- +migrate Down\n-- nothing to do\n",
        },
        up       => ['CREATE TABLE first (id int);', 'CREATE INDEX first_id ON first (id);',
                     "CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW v AS SELECT one() AS one;",
                     'ALTER TABLE first ADD COLUMN b int;'],
        versions => '1 2 10 10.0',
        fails_back => 1, # the view is in the way, and this history never drops it
    },
    tern => {
        files => {
            '001_init.sql' => "CREATE TABLE first (id int);\n\n---- create above / drop below ----\n\nDROP TABLE first;\n",
            '002_b.sql'    => "ALTER TABLE first ADD COLUMN b int;\n---- create above / drop below ----\nALTER TABLE first DROP COLUMN b;\n",
        },
        up       => ['CREATE TABLE first (id int);', 'ALTER TABLE first ADD COLUMN b int;'],
        versions => '001 002',
    },
    diesel => {
        files => {
            '00000000000000_diesel_initial_setup/up.sql'   => "CREATE FUNCTION setup() RETURNS int LANGUAGE sql AS 'SELECT 1';\n",
            '00000000000000_diesel_initial_setup/down.sql' => "DROP FUNCTION setup();\n",
            '2023-05-06-070809_first/up.sql'               => "CREATE TABLE first (id int)",
            '2023-05-06-070809_first/down.sql'             => "DROP TABLE first",
            '20230507000000_index/up.sql'                  => "CREATE INDEX CONCURRENTLY first_id ON first (id);\n",
            '20230507000000_index/down.sql'                => "DROP INDEX CONCURRENTLY first_id;\n",
            '20230507000000_index/metadata.toml'           => "run_in_transaction = false\n",
            '2023-05-08-000000_b/up.sql'                   => "ALTER TABLE first ADD COLUMN b int;\n",
            '2023-05-08-000000_b/down.sql'                 => '',
            '.keep'                                        => '',
        },
        up => ['00000000000000_diesel_initial_setup/up.sql', '2023-05-06-070809_first/up.sql', '20230507000000_index/up.sql',
               '2023-05-08-000000_b/up.sql'],
        versions => '00000000000000 20230506070809 20230507000000 20230508000000',
    },
    flyway => {
        files => {
            'V1__init.sql'              => "CREATE TABLE \${first-table} (id int);\n",
            'V1_2__later.sql'           => "ALTER TABLE first ADD COLUMN later int;\n",
            'V1.1__index.sql'           => "CREATE INDEX CONCURRENTLY first_id ON first (id);\n",
            'V1.1__index.sql.conf'      => "executeInTransaction=false\n",
            'deeper/still/V1.10__c.sql' => "COMMENT ON TABLE first IS '\${TEXT}';\n",
            'deeper/V1.9__literal.sql'  => "COMMENT ON COLUMN first.id IS '\${nothing}'; -- \${in a comment}\n",
            'deeper/V1.9__literal.sql.conf' => "placeholderReplacement = false\n",
            'deeper/U1.10__c.sql'       => "COMMENT ON TABLE first IS NULL;\n",
            'U1.9__literal.sql'         => "COMMENT ON COLUMN first.id IS NULL;\n",
            'U1_2__later.sql'           => "ALTER TABLE first DROP COLUMN later;\n",
            'U1.1__index.sql'           => "DROP INDEX first_id;\n",
            'U1__init.sql'              => "DROP TABLE first CASCADE;\n",
            'R__views.sql'              => "CREATE OR REPLACE VIEW v AS SELECT id FROM first;\n",
            'stele.conf'                => "parameter first_table identifier build first\nparameter text literal build \"it's\"\n",
        },
        up => ['CREATE TABLE first (id int);', 'V1.1__index.sql', 'V1_2__later.sql', 'deeper/V1.9__literal.sql',
               "COMMENT ON TABLE first IS 'it''s';", 'R__views.sql'],
        versions => '1 1.1 1.2 1.9 1.10 R',
    },
    prisma => {
        files => {
            'migration_lock.toml'                => "# do not edit\nprovider = \"postgresql\"\n",
            '0_init/migration.sql'               => "CREATE TABLE \"first\" (\"id\" SERIAL NOT NULL);\n",
            '20230615120000_add/migration.sql'   => "-- AlterTable\nALTER TABLE \"first\" ADD COLUMN \"b\" TEXT;\n",
            '20240101_short/migration.sql'       => "ALTER TABLE \"first\" ADD COLUMN \"c\" TEXT;\n",
            '20240102000000_last/migration.sql'  => "ALTER TABLE \"first\" DROP COLUMN \"b\";\n",
        },
        up => ['0_init/migration.sql', '20230615120000_add/migration.sql', '20240101_short/migration.sql', '20240102000000_last/migration.sql'],
        versions => '0 20230615120000 20230615120000.20240101 20240102000000',
        one_way  => 1,
    },
    drizzle => {
        files => {
            'meta/_journal.json' => '{"version": "7", "dialect": "postgresql", "entries": ['
                . '{"idx": 0, "version": "7", "when": 1700000000000, "tag": "0001_second_name", "breakpoints": true},'
                . "\n" . '{"idx": 1, "version": "7", "when": 1700000000001, "tag": "0000_first_name", "breakpoints": true}]}',
            'meta/0000_snapshot.json' => '{}',
            '0001_second_name.sql'    => "CREATE TABLE \"first\" (\"id\" int);--> statement-breakpoint\nALTER TABLE first ADD COLUMN b int\n"
                . "--> statement-breakpoint\nCREATE INDEX ON first (b);",
            '0000_first_name.sql' => 'ALTER TABLE "first" ADD COLUMN "c" text;',
            '0002_unlisted.sql'   => 'SELECT 1/0;',
        },
        up => ['CREATE TABLE first (id int); ALTER TABLE first ADD COLUMN b int; CREATE INDEX ON first (b);', '0000_first_name.sql'],
        versions => '0001 0001.0000',
        say      => qr/0002_unlisted.sql: warning: file is not read/,
        one_way  => 1,
    },
    'drizzle, folders' => {
        files => {
            map({("2024010100000$_\_t$_/migration.sql" => "CREATE TABLE " . (qw(first second))[$_] . " (id int);--> statement-breakpoint\nSELECT 1")} 0, 1),
            map({("2024010100000$_\_t$_/snapshot.json" => '{}')} 0, 1),
        },
        up       => ['CREATE TABLE first (id int);', 'CREATE TABLE second (id int);'],
        versions => '20240101000000 20240101000001',
        one_way  => 1,
    },
    sqitch => {
        files => {
            'sqitch.conf' => "[core]\n\tengine = pg\n",
            'sqitch.plan' => <<'X',
%syntax-version=1.0.0
%project=flipr
%uri=https://example.com/flipr

schemas 2013-12-31T21:34:25Z A. Person <a@example.com> # Adds the schema.
sub/users [schemas] 2013-12-31T21:34:26Z A. Person <a@example.com> # Users [not a list].
insert_user [sub/users schemas] 2014-01-01T00:00:00Z A. Person <a@example.com>
@v1.0.0 2014-01-02T00:00:00Z A. Person <a@example.com> # Tag.

insert_user [insert_user@v1.0.0] 2014-01-03T00:00:00Z A. Person <a@example.com> # Better.
X
            'deploy/schemas.sql' => "-- Deploy schemas\n\\set ON_ERROR_STOP on\nBEGIN;\n\nCREATE SCHEMA :\"schema\";\nCREATE TABLE first (id int);\n\nCOMMIT;\n",
            'revert/schemas.sql' => "BEGIN;\nDROP TABLE first;\nDROP SCHEMA :\"schema\";\nCOMMIT;\n",
            'verify/schemas.sql' => "BEGIN;\nSELECT pg_catalog.has_schema_privilege(:'schema', 'usage');\nSELECT 1 WHERE false;\nROLLBACK;\n",
            'deploy/sub/users.sql' => "BEGIN;\nCREATE TABLE :schema.users (id int, tags text[] DEFAULT '{}');\nSELECT tags[1:2], 'a:schema' FROM :schema.users;\nCOMMIT;\n",
            'revert/sub/users.sql' => "DROP TABLE :schema.users;\n",
            'deploy/insert_user@v1.0.0.sql' => "CREATE FUNCTION insert_user() RETURNS int LANGUAGE sql AS 'SELECT 1';\n",
            'revert/insert_user@v1.0.0.sql' => "DROP FUNCTION insert_user();\n",
            'deploy/insert_user.sql' => "CREATE OR REPLACE FUNCTION insert_user() RETURNS int LANGUAGE sql AS 'SELECT 2';\n",
            'revert/insert_user.sql' => "CREATE OR REPLACE FUNCTION insert_user() RETURNS int LANGUAGE sql AS 'SELECT 1';\n",
            'verify/insert_user.sql' => "SELECT 1/(insert_user() - 1);\n",
            'stele.conf' => "parameter schema identifier build flipr\n",
        },
        up => ["\\set schema flipr\n" . "BEGIN; CREATE SCHEMA :\"schema\"; CREATE TABLE first (id int); COMMIT;",
               "CREATE TABLE flipr.users (id int, tags text[] DEFAULT '{}');", 'deploy/insert_user@v1.0.0.sql', 'deploy/insert_user.sql'],
        versions => '1 2 3 4',
        checks   => 2,
    },
);

my $empty = pg_dump_schema(fresh_database());

for my $name (sort keys %layouts) {
    my $layout = $layouts{$name};
    my $dir = migrations($layout->{files});
    my ($exit, $out, $err) = build($dir, my $program = temporary(), '-Wno-drop-column');
    is($exit, 0, "$name: a program is built from the folder") or diag($out, $err);
    if ($layout->{say}) {
        like($err, $layout->{say}, "$name: with a word about what might surprise");
    } else {
        is($err, '', "$name: and nothing is said");
    }
    (my $known = $name) =~ s/,.*//;
    is((build($dir, $program, '--layout', $known, '--sealed'))[0], 0, "$name: the layout may be named, too");

    my ($by_stele, $by_psql) = (fresh_database(), fresh_database());
    ($exit, $out, $err) = stele($program, $by_stele, 'up');
    is($exit, 0, "$name: it is applied") or diag($out, $err);
    psql($by_psql, $_) for map { $layout->{files}{$_} // $_ } @{$layout->{up}};
    my $dump = pg_dump_schema($by_stele);
    is($dump, pg_dump_schema($by_psql), "$name: the schema is what the tool would have made");
    my @versions = map { /"version":"([^"]*)"/ } grep { /"event":"migration"/ } split /\n/, (stele($program, $by_stele, 'status', '--json'))[1];
    is("@versions", $layout->{versions}, "$name: the versions are those of the names");

    ($exit, $out, $err) = stele($program, $by_stele, 'verify');
    like("$exit $out", $layout->{checks} ? qr/^0 .*$layout->{checks} checks, all well/s : qr/^0 there is nothing to check/, "$name: verify");
    ($exit, $out, $err) = stele($program, $by_stele, 'down', '--all', '--allow-destructive');
    if ($layout->{one_way} || $layout->{fails_back}) {
        is($exit, $layout->{one_way} ? 9 : 1, "$name: there is no way back") or diag($out, $err);
        is(pg_dump_schema($by_stele), $dump, "$name: and nothing was taken back") if $layout->{one_way};
        next;
    }
    is($exit, 0, "$name: and is taken back") or diag($out, $err);
    is(pg_dump_schema($by_stele), $empty, "$name: which leaves nothing");
    ($exit, $out, $err) = stele($program, $by_stele, 'up');
    is(pg_dump_schema($by_stele), $dump, "$name: and it can be applied again") or diag($err);
    is((stele($program, $by_stele, 'audit'))[0], 0, "$name: the ledger is sound");
}

done_testing();
