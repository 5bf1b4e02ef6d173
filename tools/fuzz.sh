#!/usr/bin/env bash
# Runs every fuzzer in a folder: fuzz.sh FOLDER SECONDS [NAME...]
#
# Each begins with tests/fuzz/seed/<name>, what crashed it once, and what it found of new
# inputs in this build folder (build/corpus/<name>). A crash is written to
# tests/fuzz/crash/<name>, where the ordinary tests replay it for ever, and ends the run.
set -euo pipefail
folder=$1
seconds=$2
shift 2
only=" $* "
shopt -s nullglob
for fuzzer in "$folder"/fuzz_*; do
    [ -x "$fuzzer" ] || continue
    name=$(basename "$fuzzer" | sed 's/^fuzz_//')
    [ -e "tests/fuzz/$name.c" ] || continue # left behind by an older build
    [ "$only" = "  " ] || [[ "$only" == *" $name "* ]] || continue
    mkdir -p "build/corpus/$name" "tests/fuzz/crash/$name"
    inputs=("build/corpus/$name" "tests/fuzz/crash/$name")
    [ -d "tests/fuzz/seed/$name" ] && inputs+=("tests/fuzz/seed/$name")
    [ "$name" = ir_parse ] && inputs+=(tests/ir/*/)
    echo "== $name, $seconds s"
    "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="tests/fuzz/crash/$name/" "${inputs[@]}" >"build/corpus/$name.log" 2>&1 ||
        { tail -n 40 "build/corpus/$name.log"; exit 1; }
    grep -E "^#.*DONE" "build/corpus/$name.log"
    rmdir --ignore-fail-on-non-empty "tests/fuzz/crash/$name"
done
