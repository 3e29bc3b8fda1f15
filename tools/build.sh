#!/usr/bin/env bash
# Configures and builds one preset (release, test, bench, dev, asan, tsan, fuzz). Usage: tools/build.sh PRESET [TARGET...]
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
options=()
if command -v ccache >/dev/null; then
  options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1  # a clone in another folder finds what this one built
fi
echo "trimtab: building preset $preset"
cmake --preset "$preset" "${options[@]}" >"/tmp/trimtab-configure-$$.log" 2>&1 || {
  cat "/tmp/trimtab-configure-$$.log"
  exit 1
}
rm -f "/tmp/trimtab-configure-$$.log"
if [ $# -gt 0 ]; then set -- --target "$@"; fi
cmake --build --preset "$preset" --parallel "$(nproc)" "$@"
