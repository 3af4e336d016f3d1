#!/bin/sh
# Compiles for fuzz/. Templates that are declared inside a macro are looked for beside the macro's file when the crate is a
# path dependency; a manifest folder that is written another way makes their paths absolute.
root=$(cd "$(dirname "$0")" && pwd)
case " $* " in
*" --crate-name jicai "*) CARGO_MANIFEST_DIR="$root/.." exec "$@" ;;
*) exec "$@" ;;
esac
