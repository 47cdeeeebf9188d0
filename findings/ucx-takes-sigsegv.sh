#!/usr/bin/env bash
# UCX 1.13.1, which carries the messages of MPICH and of Open MPI: loading it puts a handler of its own on SIGSEGV, to print where a program fell, over
# whatever handler a program has. A JVM lives on that signal: the access to a null object that compiled code does not look for beforehand, the end of a
# loop at a garbage collection. UCX_ERROR_SIGNALS, empty, prevents it.
# Source: ucs_debug_init and UCX_ERROR_SIGNALS in src/ucs/debug/debug.c of UCX; UCX's own Java binding sets the variable. Debian or Ubuntu with amd64.
. "$(dirname "$0")/common.sh"
apt-get download -qq libucx0 libnuma1 libibverbs1 librdmacm1 libnl-3-200 libnl-route-3-200 >/dev/null 2>&1
for package in ./*.deb; do dpkg-deb -x "$package" ucx; done
export LD_LIBRARY_PATH=$place/ucx/usr/lib/x86_64-linux-gnu:$place/ucx/lib/x86_64-linux-gnu
cat >handler.py <<'PYTHON'
import ctypes, signal, sys

libc = ctypes.CDLL(None)
action = ctypes.create_string_buffer(256)  # struct sigaction, whose first member is the handler


def handler():
    libc.sigaction(int(signal.SIGSEGV), None, action)
    return ctypes.cast(action, ctypes.POINTER(ctypes.c_void_p))[0]


before = handler()
ctypes.CDLL(sys.argv[1])
print("kept" if handler() == before else "replaced", end="")
PYTHON
run() { # the environment of the run: whether the handler is as before
  env "$@" python3 handler.py "$(find "$place/ucx" -name libucs.so.0)"
}
seen="$(run A=B) by itself, $(run UCX_ERROR_SIGNALS=) with UCX_ERROR_SIGNALS empty"
same "the handler of SIGSEGV after libucs is loaded" \
  "kept by itself, kept with UCX_ERROR_SIGNALS empty" \
  "replaced by itself, kept with UCX_ERROR_SIGNALS empty" "$seen"
