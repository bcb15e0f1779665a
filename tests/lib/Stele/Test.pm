package Stele::Test;

# What tests of stele share: commands with a time limit, folders of migrations,
# programs made of them, and a real server. Everything made here lies in one
# temporary folder and goes when the test ends, however it ends.
#
#     use Test::More;
#     use Stele::Test;
#     my $dir = migrations({'001_a.sql' => "CREATE TABLE a (x int);\n"});
#     my $db = fresh_database();
#     my ($exit, $out, $err) = stele(program($dir), $db, 'up');
#     is($exit, 0, 'up succeeds');
#     done_testing();

use strict;
use warnings;

use Cwd qw(abs_path);
use Digest::SHA;
use Exporter qw(import);
use File::Basename qw(basename dirname);
use File::Find qw(find);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use POSIX qw(:sys_wait_h);
use Time::HiRes qw(sleep time);

our @EXPORT = qw(top built temporary read_file write_file
    run start printed finish companion
    migrations build program application helper preloadable settings has_lua stele
    postgres server url fresh_database psql wait_for pg_dump_schema);

use constant TIME_LIMIT => 300;    # seconds, for one command

my $owner = $$;
my $top   = abs_path(dirname(__FILE__) . '/../../..');
my $build = $ENV{STELE_BUILD} || "$top/build";
my $folder;                        # everything temporary
my $serial = 0;                    # for names within it, and of databases
my %server;                        # pipe, folder
my %programs;                      # what was built, by content
my %running;                       # commands, by process

# PG* name the user's own database. Of make's flags only the variables given to
# it (CC=clang) may reach the makes that tests call: its jobserver isn't theirs.
delete @ENV{grep { /^PG[A-Z]+$/ } keys %ENV};
delete @ENV{qw(MFLAGS MAKELEVEL LIBRARY_PATH DATABASE_URL)};
$ENV{MAKEFLAGS} = ($ENV{MAKEFLAGS} || '') =~ /( -- .*)/s ? $1 : '';
$ENV{LC_ALL} = 'C.UTF-8';

# ------------------------------------------------------------------- files

# The checkout's path.
sub top { return $top }

# The path of something that make built: built('stelec').
sub built { return "$build/$_[0]" }

# A new path in the temporary folder; with a true argument, a new folder.
sub temporary {
    my ($is_folder) = @_;
    $folder ||= tempdir('stele-test.XXXXXX', TMPDIR => 1, CLEANUP => 0);
    my $path = "$folder/" . ++$serial;
    make_path($path) if $is_folder;
    return $path;
}

# The bytes of a file.
sub read_file {
    my ($path) = @_;
    open(my $file, '<:raw', $path) or die "$path: $!\n";
    local $/;
    my $bytes = <$file>;
    return defined $bytes ? $bytes : '';
}

# Write bytes to a file, making its folder where there is none.
sub write_file {
    my ($path, $bytes) = @_;
    make_path(dirname($path));
    open(my $file, '>:raw', $path) or die "$path: $!\n";
    print {$file} $bytes;
    close($file) or die "$path: $!\n";
    return;
}

# ---------------------------------------------------------------- commands

# Run a command to its end: (exit code, stdout, stderr). A last argument that is
# a hash may have: timeout (seconds), stdin (text), cwd, env (hash; undef removes).
# A signal is 128 + its number; a timeout is 124.
sub run {
    return finish(start(@_));
}

# The same without waiting; give what it returns to finish().
sub start {
    my %option = ref $_[-1] ? %{pop @_} : ();
    my @command = @_;
    my $path = temporary();
    write_file("$path.in", defined $option{stdin} ? $option{stdin} : '');
    my $pid = fork();
    die "fork: $!\n" unless defined $pid;
    if (!$pid) {
        setpgrp(0, 0);
        open(STDIN,  '<', "$path.in")  or POSIX::_exit(127);
        open(STDOUT, '>', "$path.out") or POSIX::_exit(127);
        open(STDERR, '>', "$path.err") or POSIX::_exit(127);
        chdir($option{cwd}) or POSIX::_exit(127) if defined $option{cwd};
        my %env = %{$option{env} || {}};
        defined $env{$_} ? $ENV{$_} = $env{$_} : delete $ENV{$_} for keys %env;
        exec {$command[0]} @command or print STDERR "$command[0]: $!\n";
        POSIX::_exit(127);
    }
    $running{$pid} = 1;
    return {pid => $pid, path => $path, end => time() + ($option{timeout} || TIME_LIMIT)};
}

# Wait until what a started command has printed so far matches; false when it doesn't within two minutes.
sub printed {
    my ($command, $pattern) = @_;
    for (my $end = time() + 120; time() < $end; sleep(0.02)) {
        return 1 if -e "$command->{path}.out" && read_file("$command->{path}.out") =~ $pattern;
    }
    return 0;
}

# Wait for a started command; returns as run().
sub finish {
    my ($command) = @_;
    my ($pid, $path) = @{$command}{qw(pid path)};
    my ($exit, $pause) = (undef, 0.001);
    until (waitpid($pid, WNOHANG) == $pid) {
        if (time() > $command->{end}) {
            kill('KILL', -$pid);
            waitpid($pid, 0);
            $exit = 124;
            last;
        }
        sleep($pause);
        $pause *= 1.5 if $pause < 0.004;
    }
    delete $running{$pid};
    $exit = $? & 127 ? 128 + ($? & 127) : $? >> 8 unless defined $exit;
    my @result = ($exit, map { -e "$path.$_" ? read_file("$path.$_") : '' } qw(out err));
    unlink("$path.in", "$path.out", "$path.err");
    return @result;
}

# Run a command that must succeed; its stdout.
sub must {
    my ($exit, $out, $err) = run(@_);
    die join(' ', grep { !ref } @_) . ": exit $exit\n$out$err" if $exit;
    return $out;
}

# -------------------------------------------------------------- migrations

# Write files ({name => bytes}) into a new folder, or into one that is given;
# undef removes one. The folder's path.
sub migrations {
    my ($files, $dir) = @_;
    $dir = temporary(1) unless defined $dir;
    for my $name (keys %{$files}) {
        if (defined $files->{$name}) {
            make_path("$dir/$1") if $name =~ m{(.*)/};
            write_file("$dir/$name", $files->{$name});
        } else {
            unlink("$dir/$name") or die "$dir/$name: $!\n";
        }
    }
    return $dir;
}

# Build a program from a folder of migrations, for tests of what is refused:
# returns as run(). The folder gets its stele.lock. Options are stelec's.
sub build {
    my ($dir, $program, @options) = @_;
    return run("$top/generator/build-program", $dir, $program, @options, {env => {STELE_BUILD => $build}});
}

# The same for one that must build; the program's path. A folder with the same
# bytes and options is built once.
sub program {
    my ($dir, @options) = @_;
    my $key = content($dir, @options);
    if (!$programs{$key}) {
        my $path = temporary();
        my ($exit, $out, $err) = build($dir, $path, @options);
        die "$dir: exit $exit\n$out$err" if $exit;
        $programs{$key} = {path => $path, lock => read_file("$dir/stele.lock")};
    }
    write_file("$dir/stele.lock", $programs{$key}{lock});
    return $programs{$key}{path};
}

# What the runtime was built with: CC, CFLAGS, LDFLAGS, LIBS and so on.
sub settings { return read_file(built('settings')) =~ /^(\w+)='(.*)'$/mg }

# Was it built with Lua?
sub has_lua {
    my %setting = settings();
    return $setting{CFLAGS} !~ /-DSTELE_NO_LUA/;
}

# One of tests/programs, for a shell: NAME.c, or all files of a folder NAME.
sub sources {
    my ($name) = @_;
    return -d "$top/tests/programs/$name" ? "'$top/tests/programs/$name'/*.c" : "'$top/tests/programs/$name.c'";
}

# An application in C, one of tests/programs, linked with the table of a folder; its path. Options are stelec's.
sub application {
    my ($name, $dir, @options) = @_;
    my %setting = settings();
    my $path = temporary();
    must(built('stelec'), @options, '-o', "$path.c", $dir);
    chomp(my $include = must('sh', '-c', 'pkg-config --cflags libpq 2>/dev/null || echo "-I$(pg_config --includedir)"'));
    must('sh', '-c', "$setting{CC} $setting{CFLAGS} $setting{LDFLAGS} -I'$top/runtime' $include -pthread -o '$path' " . sources($name) . " '$path.c' '"
        . built('libstele.a') . "' $setting{LIBS}");
    return $path;
}

# A program in C, one of tests/programs, that needs no migrations, and may use any room of generator/ and runtime/; its path. What follows goes to the linker.
# The runtime comes first: what the generator has in place of libpq is for stelec alone.
sub helper {
    my ($name, @libraries) = @_;
    my %setting = settings();
    my $path = temporary();
    chomp(my $include = must('sh', '-c', 'pkg-config --cflags libpq 2>/dev/null || echo "-I$(pg_config --includedir)"'));
    chomp(my $grammar = must('sh', '-c', "cd '$top' && find '$setting{PGQUERY}/lib/' -name libpg_query.a | head -n 1"));
    must('sh', '-c', "cd '$top' && $setting{CC} $setting{CFLAGS} $setting{LDFLAGS} -Igenerator -Iruntime $include -o '$path' " . sources($name) . " '"
        . join("' '", map { built($_) } qw(libstele.a libstelec.a libstele.a)) . "' '$grammar' $setting{LIBS} @libraries -lm -lpthread");
    return $path;
}

# One of tests/programs that replaces functions of the C library, for LD_PRELOAD: its path; or undef, and why it can't be had here.
sub preloadable {
    my ($name) = @_;
    my %setting = settings();
    return (undef, 'a sanitizer replaces functions of the C library itself') if $setting{CFLAGS} =~ /-fsanitize/;
    my $path = temporary() . '.so';
    my ($exit, $out, $err) = run($setting{CC}, '-O2', '-fPIC', '-shared', '-o', $path, "$top/tests/programs/$name.c");
    return $exit ? (undef, "functions of the C library can't be replaced here: $out$err") : $path;
}

# What a program is made of, as one digest. The folder's own name is in
# messages, so it counts.
sub content {
    my ($dir, @options) = @_;
    my @names;
    find({wanted => sub { push @names, substr($_, length($dir) + 1) if -f }, no_chdir => 1}, $dir);
    @names = sort @names;
    my $sha = Digest::SHA->new(256);
    $sha->add(pack('(N/a*)*', $_)) for basename($dir), @options, map { ($_, read_file("$dir/$_")) } @names;
    return $sha->hexdigest;
}

# Run a migration program against a database: stele($program, $db, 'up', ...).
# Returns as run().
sub stele {
    my ($program, $database, @arguments) = @_;
    my @option = ref $arguments[-1] ? pop @arguments : ();
    return run($program, @arguments, '--db', url($database), @option);
}

# ------------------------------------------------------------------ server

# The path of one of PostgreSQL's programs: postgres('psql').
sub postgres {
    my ($name) = @_;
    if (!$ENV{STELE_POSTGRES}) {
        my $found = must("$top/tests/tools/get-postgres", {timeout => 600});
        chomp($ENV{STELE_POSTGRES} = $found);
    }
    return "$ENV{STELE_POSTGRES}/$name";
}

# Start a program that ends when its standard input does, as it does when this process dies, in whatever way: its process, the pipe to it, and the first line that it prints.
sub companion {
    my (@command) = @_;
    pipe(my $answer, my $answer_end) or die "pipe: $!\n";
    pipe(my $life_end, my $life) or die "pipe: $!\n";
    my $pid = fork();
    die "fork: $!\n" unless defined $pid;
    if (!$pid) {
        open(STDIN,  '<&', $life_end)   or POSIX::_exit(127);
        open(STDOUT, '>&', $answer_end) or POSIX::_exit(127);
        exec(@command) or POSIX::_exit(127);
    }
    close($answer_end);
    chomp(my $line = <$answer> // '');
    return ($pid, $life, $line);
}

# The folder of this test's server, which the first call starts, with options of
# tests/tools/server. It stops when the pipe to it is closed.
sub server {
    my @options = @_;
    return $server{folder} if $server{folder};
    postgres('postgres');
    my ($pid, $life, $path) = companion("$top/tests/tools/server", 'run', @options);
    die "no server\n" if $path eq '';
    %server = (folder => $path, life => $life, pid => $pid);
    return $path;
}

# The connection string of a database; with a role, as that role.
sub url {
    my ($database, $role) = @_;
    my $host = server();
    $host =~ s/([^A-Za-z0-9_.-])/sprintf('%%%02X', ord $1)/ge;
    return sprintf('postgresql://%s@/%s?host=%s', $role || 'postgres', $database, $host);
}

# Create an empty database, or a copy of one; its name.
sub fresh_database {
    my ($template) = @_;
    my $name = 't' . ++$serial;
    psql('postgres', "CREATE DATABASE $name" . (defined $template ? " TEMPLATE $template" : ''));
    return $name;
}

# Run SQL as superuser; what it prints, unaligned and without the last line end. Dies
# when a statement fails.
sub psql {
    my ($database, $sql) = @_;
    my $out = must(postgres('psql'), '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', url($database), '-f', '-', {stdin => $sql});
    $out =~ s/\n\z//;
    return $out;
}

# Wait until a query says "t"; false when it doesn't within two minutes.
sub wait_for {
    my ($database, $query) = @_;
    for (my $end = time() + 120; time() < $end; sleep(0.02)) {
        return 1 if psql($database, $query) eq 't';
    }
    return 0;
}

# A database's schema without stele's own, in a form that can be compared:
# newer pg_dumps put a random key into \restrict.
sub pg_dump_schema {
    my ($database) = @_;
    my $out = must(postgres('pg_dump'), '--schema-only', '--exclude-schema=stele', '-d', url($database));
    $out =~ s/^\\(?:un)?restrict .*\n//mg;
    return $out;
}

# ------------------------------------------------------------------ the end

# Stop what runs, remove what was made. A forked child of a test owns none of it.
sub clean_up {
    return if $$ != $owner;
    # Ctrl-C is often followed by the terminal's hangup.
    local @SIG{qw(INT TERM HUP PIPE)} = ('IGNORE') x 4;
    kill('KILL', -$_) for keys %running;
    if ($server{pid}) {
        close($server{life});
        waitpid($server{pid}, 0);
        %server = ();
    }
    File::Path::remove_tree($folder) if $folder;
    return;
}

# An interrupt runs END. So it would for PIPE, which is what a bailout of prove
# comes to, but Test::More would complain at length that it was interrupted.
$SIG{$_} = sub { exit(130) } for qw(INT TERM HUP);
$SIG{PIPE} = sub { clean_up(); POSIX::_exit(141) };

END {
    my $status = $?;
    clean_up();
    $? = $status;
}

1;
