#!/usr/bin/env bash
# Installs the package from a build folder into a scratch prefix and builds a program of a stranger's against it.
# Usage: check_package.sh SOURCE BUILD
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cmake --install "$2" --prefix "$scratch/prefix" >"$scratch/install.log"
cmake -S "$1/tests/package" -B "$scratch/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_PREFIX_PATH="$scratch/prefix" >"$scratch/configure.log"
cmake --build "$scratch/build" >"$scratch/build.log" || { cat "$scratch/build.log"; exit 1; }
"$scratch/build/consumer"
"$scratch/build/contract" --gtest_brief=1
"$scratch/prefix/bin/trimtab" --version
