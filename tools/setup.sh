#!/usr/bin/env bash
# Installs the Debian packages that the build needs and that are not there.
#
# Each line of the table is a test for the thing itself, and the package that brings it, so
# a machine that has it from elsewhere is left alone. Without root the packages are named.
set -euo pipefail
python=${1:-}

missing=()
need() # need PACKAGE COMMAND...: PACKAGE is missing unless COMMAND succeeds
{
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

if [ -z "$python" ]; then
    python=python3
    missing+=(python3)
fi
need gcc             command -v gcc
need libc6-dev       test -e /usr/include/stdio.h
need clang           command -v clang
need clang-format    command -v clang-format
need clang-tidy      command -v clang-tidy
need cmake           command -v cmake
need ninja-build     command -v ninja
need llvm-19-dev     test -e /usr/lib/llvm-19/include/llvm-c/Core.h
need libcmocka-dev   test -e /usr/include/cmocka.h
need uthash-dev      test -e /usr/include/uthash.h
need python3-dev     "$python" -c \
    'import os, sysconfig as s; os.stat(s.get_path("include") + "/Python.h")'
need python3-venv    "$python" -c 'import ensurepip, venv'
# The fuzzers' and sanitizers' run time is only recommended by clang.
need libclang-rt-14-dev bash -c \
    'ls /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer*'

[ ${#missing[@]} -gt 0 ] || exit 0
install=(apt-get install -y --no-install-recommends "${missing[@]}")
if ! command -v apt-get >/dev/null; then
    echo "missing (Debian's names): ${missing[*]}" >&2
    exit 1
fi
if [ "$(id -u)" != 0 ]; then
    echo "missing packages; install them with:" >&2
    echo "    sudo apt-get update && sudo ${install[*]}" >&2
    exit 1
fi
echo "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { apt-get update && "${install[@]}"; } </dev/null >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    echo "could not install: ${missing[*]}" >&2
    exit 1
fi
