# stage.sh - what the demos have in common: how they tell, and a PostgreSQL that is thrown away afterwards
#
# Each step shows the command that runs and what it really prints, and stops the demo when its exit
# code isn't the expected one. Colours on a terminal only, and not with NO_COLOR.

top=$(cd "$(dirname "$0")/../.." && pwd -P)
build=$(cd "$top" && mkdir -p "${BUILD:=build}" && cd "$BUILD" && pwd -P)
# Of make's flags only the variables given to it (CC=clang) concern the makes below.
case ${MAKEFLAGS:-} in
*' -- '*) MAKEFLAGS=" -- ${MAKEFLAGS#* -- }" ;;
*) unset MAKEFLAGS ;;
esac
unset MFLAGS MAKELEVEL DATABASE_URL LIBRARY_PATH
for name in $(env | sed -n 's/^\(PG[A-Z]*\)=.*/\1/p'); do unset "$name"; done

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$(printf '\033[1m') dim=$(printf '\033[2m') red=$(printf '\033[1;31m') plain=$(printf '\033[0m')
else
	bold='' dim='' red='' plain=''
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/stele-demo.XXXXXX")
server= background= # what has to end with the demo
leave() {
	exec 3>&- 4>&-
	[ -z "$background" ] || kill $background 2>/dev/null || :
	[ -z "$server" ] || wait "$server" || :
	cd /
	rm -rf "$work"
}
trap leave EXIT
trap 'echo; exit 130' INT
trap 'exit 143' HUP TERM

# ------------------------------------------------------------------- telling

step=0
heading() {
	step=$((step + 1))
	# On a terminal there is time to read.
	[ ! -t 1 ] || [ $step = 1 ] || sleep 1.5
	printf '\n%s%s. %s%s\n\n' "$bold" $step "$1" "$plain"
}

note() { printf '%s%s%s\n' "$dim" "$1" "$plain"; }

# shows EXIT COMMAND: print the command, run it, insist on its exit code.
shows() {
	printf '%s$ %s%s\n' "$bold" "$2" "$plain"
	code=0
	eval "$2" 2>&1 || code=$?
	[ $code = 0 ] || note "exit $code"
	[ $code = "$1" ] || {
		printf '\n%sdemo: that should have been exit %s%s\n' "$red" "$1" "$plain" >&2
		exit 1
	}
}

# quietly WHAT COMMAND...: say what goes on; the command's own words only when it fails.
quietly() {
	printf '%s%s ... %s' "$dim" "$1" "$plain"
	shift
	"$@" >"$work/log" 2>&1 </dev/null || {
		printf '\n' && cat "$work/log" >&2
		exit 1
	}
	note "done"
}

# ------------------------------------------------------------- preparations

# The server stops when this process, which holds the other end, is gone.
start_server() {
	mkfifo "$work/life" "$work/folder"
	"$top/tests/tools/server" run <"$work/life" >"$work/folder" &
	server=$!
	exec 3>"$work/life"
	read -r folder <"$work/folder" || return 1
}

stop_server() {
	exec 3>&-
	wait "$server" || :
	server=
}

# prepare TITLE: build, start a server, and go to a folder with the reference history and an empty database.
prepare() {
	printf '%s%s%s\n\n' "$bold" "$1" "$plain"
	[ -n "${PGQUERY:-}" ] || make -s -C "$top" build/deps/pg_query/version
	quietly "building stelec and libstele" make -C "$top" all
	STELE_POSTGRES=$("$top/tests/tools/get-postgres")
	export STELE_POSTGRES
	printf '%sstarting a PostgreSQL of its own ... %s' "$dim" "$plain"
	start_server || exit 1
	note "$("$STELE_POSTGRES/psql" -XqAth "$folder" -U postgres -c 'SHOW server_version'), in $folder"

	cd "$work"
	cp -R "$top/migrations" "$top/lua" .
	ln -s "$top" stele
	PATH=$build:$STELE_POSTGRES:$PATH
	DATABASE_URL="postgresql:///memory?host=$folder&user=postgres"
	export DATABASE_URL
	psql -Xq -h "$folder" -U postgres -c 'CREATE DATABASE memory'
}
