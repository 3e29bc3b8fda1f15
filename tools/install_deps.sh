#!/usr/bin/env bash
# Installs the Debian 12 packages that building (and, with "test", testing) needs. Says what it does; does
# nothing when all of them are there. Usage: tools/install_deps.sh [build|demo|test]
set -euo pipefail
build=(build-essential cmake ninja-build git ca-certificates ccache libeigen3-dev libboost-dev libsqlite3-dev libpq-dev
  libyaml-cpp-dev nlohmann-json3-dev libtomlplusplus-dev libcli11-dev libfmt-dev libxxhash-dev robin-map-dev
  libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc
  libcpp-httplib-dev libssl-dev pkg-config)
demo=(python3 python3-sklearn)
test=(python3 libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev clang-19 libclang-rt-19-dev
  clang-format-19 sqlite3 postgresql-15 pgbouncer python3-venv bc)
case "${1:-build}" in
  build) wanted=("${build[@]}") ;;
  demo) wanted=("${build[@]}" "${demo[@]}") ;;
  test) wanted=("${build[@]}" "${demo[@]}" "${test[@]}") ;;
  *) echo "usage: $0 [build|demo|test]" >&2; exit 2 ;;
esac

missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
    missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "trimtab: every package that is needed is installed"
  exit 0
fi
echo "trimtab: installing ${#missing[@]} Debian packages: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "trimtab: run as root, or install sudo" >&2; exit 2; }
  as_root=(sudo)
fi
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
