package Stele::Reembed;

# A table with vectors of 4 dimensions, and a job that gives it others, of 8, in a table beside, for the tests of the switch. The program's parameter embedding_dim says which it was built for.
#
#     my $folder = migrations(reembed(sql => "CREATE TABLE slow (a int);\n", script => 'switch = { parameters = { embedding_dim = 8 }, ... },'));
#     my ($old, $new) = map { application('job', $folder, '-D', "embedding_dim=$_") } 4, 8;
#
# `sql` comes before the tables, `script` is more of what the job's table has.

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(reembed);

sub reembed {
    my (%option) = @_;
    return {
        'stele.conf' => "component memory\nlua lua\nparameter embedding_dim integer build 4\n",
        '001_memory.sql' => $option{sql} . <<'SQL',
CREATE TABLE memory (id bigint PRIMARY KEY, content text, embedding vector(${embedding_dim}));
CREATE TABLE memory_8 (id bigint PRIMARY KEY, input bytea NOT NULL, embedding vector(8));
SQL
        'lua/J_reembed.lua' => <<"LUA",
-- All of it anew, with 8 dimensions
return {
    table = "memory", key = "id", read = { "content" },
    embed = fixed { dimensions = 8 },
    text = function(row) return row.content end,
    into = { table = "memory_8", vector = "embedding", hash = "input" },
$option{script}}
LUA
    };
}

1;
