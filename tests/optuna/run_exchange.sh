#!/usr/bin/env bash
# Compares imports of files that Optuna itself writes, and exports, with what Optuna reads from them; for Optuna 5.x
# and 4.9.
# Usage: tests/optuna/run_exchange.sh [--if-prepared] BUILD_FOLDER [VERSION...]
# The environments are those of run_contract.sh. Exit code 77: Optuna is absent.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
may_download=true
if [ "$1" = --if-prepared ]; then
  may_download=false
  shift
fi
build=$(realpath "$1")
peers=${TRIMTAB_OPTUNA_PEERS:-$build/optuna-peers}
shift
versions=("$@")
[ ${#versions[@]} -gt 0 ] || versions=(5.0.0 4.9.0)
for version in "${versions[@]}"; do
  venv=$peers/$version/venv
  if [ ! -e "$venv/bin/python" ] && $may_download; then
    python3 -m venv "$venv"
    "$venv/bin/pip" -q install "optuna==$version" optuna-dashboard grpcio protobuf
  fi
  if [ ! -e "$venv/bin/python" ]; then
    echo "Optuna $version is absent; $0 BUILD_FOLDER gets it from PyPI" >&2
    exit 77
  fi
  echo "== Optuna $version"
  "$venv/bin/python" "$here/exchange_contract.py" "$build"
done
