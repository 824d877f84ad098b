#!/usr/bin/env bash
# Writes internal/schedule/zones.tar.gz, the time zones in the program, anew: out of Debian's package tzdata, whose data is
# in the public domain. Prints the release. Runs on Debian and what comes from it: it needs apt-get, which checks Debian's
# signatures, dpkg-deb, zic, zdump, GNU tar and gzip.
#
#   zones.sh
#
# SUITE names the Debian suite, unstable when empty: it has each release of the IANA first. All names, also the old ones that
# Debian has moved to tzdata-legacy, are in tzdata.zi. It is compiled to the short form (zic -b slim), a fifth of Debian's
# own files.
set -euo pipefail
cd "$(dirname "$0")/.."

archive=$PWD/internal/schedule/zones.tar.gz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# An apt of its own: nothing of the machine's is read or changed.
mkdir -p lists/partial cache/archives/partial
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian ${SUITE:-unstable} main" >sources.list
chmod -R a+rX . && chmod a+rwx .
apt() {
	apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$work/lists" \
		-o Dir::Cache="$work/cache" -o Acquire::Languages=none -o APT::Sandbox::User=root "$@"
}
apt update
apt download tzdata
dpkg-deb -x tzdata_*.deb package
source=package/usr/share/zoneinfo/tzdata.zi
release=$(sed -n '1s/^# version //p' "$source")
[ -n "$release" ]

mkdir zones
zic -b slim -d zones "$source"
# A name for "not set up yet".
rm zones/Factory
echo "$release" >zones/VERSION
# Every name must have the changes of the clock that Debian's own file has, wherever there is one.
for name in $(cd zones && find . -type f ! -name VERSION -printf '%P\n'); do
	[ -e "package/usr/share/zoneinfo/$name" ] || continue
	diff <(cd zones && zdump -c 1970,2037 -V "./$name") <(cd package/usr/share/zoneinfo && zdump -c 1970,2037 -V "./$name") || {
		echo "zones.sh: zic makes something else of $name than Debian's own file" >&2
		exit 1
	}
done
(cd zones && find . -type f -printf '%P\n' | LC_ALL=C sort) >names
tar --format=ustar --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=0644 -C zones -T names -cf - | gzip -9n >"$archive.part"
mv "$archive.part" "$archive"
echo "Wrote internal/schedule/zones.tar.gz: release $release, $(($(wc -l <names) - 1)) names, $(wc -c <"$archive") bytes"
