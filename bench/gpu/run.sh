#!/bin/sh
# Checks Krongauss on this machine: unpacks kit.tar.xz, which lies beside this script, and runs what is in it. Needs a Linux
# x86-64 with an NVIDIA driver (none with --device software); no Java, no network, no root.
#   ./run                                               all that matters most, within 8 minutes from here
#   ./run --stage tests|sanitize|bench|phases|compare|peers|all [--device cuda|software]      ./run --help says more
# Results go to results/ beside this script, or to KRONGAUSS_KIT_RESULTS. KRONGAUSS_KIT_DIR names another folder for unpacking, logs
# and results.
set -eu
begin=$(date +%s)
here=$(cd "$(dirname "$0")" && pwd)
archive=$here/kit.tar.xz
place=${KRONGAUSS_KIT_DIR:-$here}
kit=$place/kit

fail() {
  echo "run: $*" >&2
  exit 1
}

unpack() {
  rm -rf "$kit" "$kit.new"
  mkdir -p "$kit.new" || fail "cannot write to $place; set KRONGAUSS_KIT_DIR to a folder that can be written"
  if command -v xz >/dev/null 2>&1; then
    xz -dc "$archive" | tar -xf - -C "$kit.new"
  elif command -v python3 >/dev/null 2>&1; then
    python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1], "r:xz").extractall(sys.argv[2])' "$archive" "$kit.new"
  else
    fail "neither xz nor python3 is here to unpack $archive; install xz-utils"
  fi
  echo "$1" >"$kit.new/.unpacked"
  mv "$kit.new" "$kit"
}

[ -f "$archive" ] || fail "$archive is not here; it must lie beside this script"
sum=$(cksum <"$archive")
if [ ! -f "$kit/.unpacked" ] || [ "$(cat "$kit/.unpacked")" != "$sum" ]; then
  unpack "$sum"
fi

# JCuda's libraries need the C++ run time, which a bare machine may not have.
case $(ldconfig -p 2>/dev/null || /sbin/ldconfig -p 2>/dev/null || true) in
  *libstdc++.so.6*) found=yes ;;
  *) found=no ;;
esac
if [ $found = no ] && [ ! -e /usr/lib/x86_64-linux-gnu/libstdc++.so.6 ] && [ ! -e /usr/lib64/libstdc++.so.6 ]; then
  LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$kit/native/fallback
  export LD_LIBRARY_PATH
fi

java=$kit/runtime/bin/java
"$java" -version >/dev/null 2>&1 || {
  "$java" -version || true
  fail "the kit's Java does not start here; it needs glibc $(sed -n 's/^glibc=//p' "$kit/kit.properties") or newer"
}
exec "$java" \
  -Dkrongauss.kit.home="$kit" \
  -Dkrongauss.kit.results="${KRONGAUSS_KIT_RESULTS:-$place/results}" \
  -Dkrongauss.kit.begin="$begin" \
  -cp "$kit/lib/*" dev.krongauss.bench.kit.Kit "$@"
