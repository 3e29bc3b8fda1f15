#!/usr/bin/env bash
# Fails when a file is not formatted as .clang-format says. Usage: check_format.sh ROOT
set -euo pipefail
cd "$1"
find trimtab examples -name '*.?pp' -print0 | xargs -0 -r clang-format-19 --dry-run --Werror
echo "format: every file is formatted"
