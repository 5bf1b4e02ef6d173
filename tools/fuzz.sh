#!/usr/bin/env bash
# Runs every fuzzer in a folder: fuzz.sh FOLDER SECONDS
#
# Inputs are kept in tests/fuzz/corpus/<name>; a crash is written to tests/fuzz/crash/<name>,
# where the ordinary tests replay it for ever.
set -euo pipefail
folder=$1
seconds=$2
shopt -s nullglob
for fuzzer in "$folder"/fuzz_*; do
    [ -x "$fuzzer" ] || continue
    name=$(basename "$fuzzer" | sed 's/^fuzz_//')
    mkdir -p "build/corpus/$name" "tests/fuzz/crash/$name"
    seeds=("tests/fuzz/seed/$name")
    [ -d "${seeds[0]}" ] || seeds=()
    echo "== $name, $seconds s"
    "$fuzzer" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="tests/fuzz/crash/$name/" "build/corpus/$name" "${seeds[@]}" 2>&1 |
        tail -n 12
    rmdir --ignore-fail-on-non-empty "tests/fuzz/crash/$name"
done
