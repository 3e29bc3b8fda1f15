#!/usr/bin/env bash
# Runs Optuna's own tests of storages, studies and trials against `trimtab-serve` as a foreign server, for
# Optuna 5.x and 4.9. Optuna and its tests come from PyPI into environments of their own.
# Usage: tests/optuna/run_contract.sh [--if-prepared] BUILD_FOLDER [VERSION...]
# The environments are kept in $TRIMTAB_OPTUNA_PEERS (BUILD_FOLDER/optuna-peers). --if-prepared downloads nothing.
# Exit code 77: Optuna is absent.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
may_download=true
if [ "$1" = --if-prepared ]; then
  may_download=false
  shift
fi
export TRIMTAB_SERVE=$(realpath "$1")/trimtab-serve
peers=${TRIMTAB_OPTUNA_PEERS:-$(realpath "$1")/optuna-peers}
shift
versions=("$@")
[ ${#versions[@]} -gt 0 ] || versions=(5.0.0 4.9.0)

# make_peer VERSION: an environment with that Optuna and its tests.
make_peer() {
  local folder=$peers/$1
  [ -e "$folder/complete" ] && return
  $may_download || return 1
  mkdir -p "$folder"
  python3 -m venv "$folder/venv"
  "$folder/venv/bin/pip" -q install "optuna==$1" grpcio protobuf pytest fakeredis pandas scipy plotly || return 1
  "$folder/venv/bin/pip" -q download --no-deps --no-binary :all: "optuna==$1" -d "$folder" || return 1
  tar xzf "$folder/optuna-$1.tar.gz" -C "$folder"
  touch "$folder/complete"
}

for version in "${versions[@]}"; do
  if ! make_peer "$version"; then
    echo "Optuna $version is absent; $0 BUILD_FOLDER gets it from PyPI" >&2
    exit 77
  fi
  for storage in memory: sqlite:; do
    echo "== Optuna $version, trimtab serve --storage $storage"
    (cd "$peers/$version/optuna-$version" &&
      TRIMTAB_SERVE_STORAGE=$storage PYTHONPATH=$here "$peers/$version/venv/bin/python" -m pytest -q --no-header \
        --color=no --disable-warnings -p foreign_server -p no:cacheprovider -k grpc_trimtab \
        tests/storages_tests/test_storages.py tests/study_tests tests/trial_tests | tail -n 15)
    PYTHONPATH=$here TRIMTAB_SERVE_STORAGE=$storage "$peers/$version/venv/bin/python" -m pytest -q --no-header \
      --color=no --disable-warnings -p foreign_server -p no:cacheprovider "$here/storage_contract.py" | tail -n 15
  done
done
