#!/usr/bin/env bash
# Runs a command, Python in most cases, under the sanitizers of build/sanitize.
#
# Python itself is not instrumented, so the sanitizer's library is loaded before it, its own
# allocator is switched off, and what Python never frees is not reported as a leak. More
# options may stand in ASAN_OPTIONS and UBSAN_OPTIONS (log_path=... keeps workers' reports).
set -euo pipefail
asan=$(gcc -print-file-name=libasan.so)
ubsan=$(gcc -print-file-name=libubsan.so)
export LD_PRELOAD="$asan $ubsan${LD_PRELOAD:+ $LD_PRELOAD}"
export PYTHONMALLOC=malloc
export ASAN_OPTIONS="detect_leaks=0:detect_stack_use_after_return=0:abort_on_error=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1:suppressions=$PWD/tools/ubsan.supp${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
export SHOAL_SANITIZED=1
exec "$@"
