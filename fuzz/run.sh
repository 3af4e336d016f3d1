#!/bin/sh
# Runs one target for some seconds (600 where none are given): ./run.sh json 600
# What it found worth keeping stands in corpus/TARGET, what broke a reader in artifacts/TARGET.
set -e
cd "$(dirname "$0")"
target=$1
mkdir -p "corpus/$target" "artifacts/$target"
cargo build --release --bin any
FUZZ_TARGET="$target" exec "target/x86_64-unknown-linux-gnu/release/any" "corpus/$target" "seeds/$target" \
    -max_total_time="${2:-600}" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -artifact_prefix="artifacts/$target/" -print_final_stats=1
