# private-apt.sh - an apt of our own, to fetch packages without installing any
#
# Sourced. Sets up, in folder $1, an apt that reads Debian suite $2 from the
# archive that this host's apt reads, with its own sources, lists, status and
# cache. No lock and no file of the host's apt is touched, and root isn't
# needed; proxy and TLS settings stay the host's. After it, `private_apt ARG...`
# is that apt-get. The archive may be named in DEBIAN_MIRROR.

debian_mirror() {
	mirror=${DEBIAN_MIRROR:-}
	# From apt itself, or from its source files where apt-get update never ran.
	[ -n "$mirror" ] || mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
		awk '$3 == "main" && $2 !~ /-(security|updates|backports)/ { print $1; exit }')
	[ -n "$mirror" ] || mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
		awk '$1 == "URIs:" { print $2; exit }
		     $1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^[a-z+]+:\//) { print $i; exit } }')
	echo "$mirror"
}

private_apt_setup() {
	apt_folder=$1 apt_suite=$2
	mkdir -p "$apt_folder/lists/partial" "$apt_folder/cache/archives/partial" "$apt_folder/empty"
	apt_mirror=$(debian_mirror)
	if [ -z "$apt_mirror" ]; then
		echo "${0##*/}: apt's configuration names no Debian archive; name one in DEBIAN_MIRROR" >&2
		return 1
	fi
	apt_arch=$(dpkg --print-architecture)
	# Blanks in the folder's name: apt reads "..." in its configuration only.
	echo "deb [arch=$apt_arch signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $apt_mirror $apt_suite main" \
		>"$apt_folder/sources.list"
	: >"$apt_folder/status"
	# The hooks are cleared since the one that container images bring removes
	# downloaded packages from under another apt that runs at the same time;
	# the error mode since an update that fetched nothing exits 0 otherwise.
	cat >"$apt_folder/apt.conf" <<-EOF
	Dir::Etc::sourcelist "$apt_folder/sources.list";
	Dir::Etc::sourceparts "$apt_folder/empty";
	Dir::Etc::preferences "/dev/null";
	Dir::Etc::preferencesparts "$apt_folder/empty";
	Dir::State "$apt_folder";
	Dir::State::lists "$apt_folder/lists";
	Dir::State::status "$apt_folder/status";
	Dir::Cache "$apt_folder/cache";
	Dir::Cache::pkgcache "pkgcache.bin";
	Dir::Cache::srcpkgcache "srcpkgcache.bin";
	APT::Architecture "$apt_arch";
	#clear APT::Architectures;
	APT::Architectures { "$apt_arch"; };
	#clear APT::Update::Post-Invoke;
	#clear APT::Update::Post-Invoke-Success;
	#clear DPkg::Post-Invoke;
	#clear APT::Default-Release;
	APT::Install-Recommends "false";
	APT::Sandbox::User "";
	Acquire::Languages "none";
	Acquire::Retries "3";
	APT::Update::Error-Mode "any";
	EOF
	private_apt -qq update >&2
}

private_apt() {
	apt-get -c "$apt_folder/apt.conf" "$@"
}
