#!/bin/sh
# Compiles into build/, with the crates of Cargo.lock. An argument names the folder of another Cargo.toml.
set -e
command -v cargo >/dev/null || {
    echo "There is no cargo (Rust 1.88 or newer) on this machine. Install it, or leave this implementation out." >&2
    exit 1
}
cargo build --quiet --locked --manifest-path "${1:-.}/Cargo.toml" --target-dir "build/$1"
sed -n 's/^lapin.*version = "=\([^"]*\)".*/lapin \1/p' "${1:-.}/Cargo.toml" >"build/$1/version"
