# Sourced by every finding: a temporary folder that goes when the script ends, pinned packages in it, and the verdict.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

# python PACKAGE==VERSION ... : a virtual environment with just these; its interpreter is $python.
python() {
  python3 -m venv "$place/venv"
  python=$place/venv/bin/python
  # Binary wheels only: nothing is compiled, and what depends on them is at the version that pip resolves.
  "$python" -m pip install --quiet --disable-pip-version-check --retries 1 --only-binary=:all: "$@"
}

# jars GROUP:ARTIFACT:VERSION ... : these jars from Maven's repositories, without what they depend on; $jars is their class path.
jars() {
  for artifact in "$@"; do
    mvn --batch-mode --quiet -Dstyle.color=never dependency:copy "-Dartifact=$artifact" "-DoutputDirectory=$place/jars" >&2 # ends with codes of a terminal, quiet or not
  done
  jars=$(printf '%s:' "$place"/jars/*.jar)
}

# same WHAT EXPECTED-BY-MEMORY RECORDED SEEN : prints the three, and ends the script if what is seen is no longer what was recorded.
same() {
  printf '%s\n  expected from memory: %s\n  seen: %s\n' "$1" "$2" "$4"
  if [ "$3" != "$4" ]; then
    printf '  CHANGED: recorded was %s\n' "$3"
    exit 1
  fi
}
