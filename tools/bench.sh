#!/usr/bin/env bash
# Measures Trimtab, and Optuna from PyPI in the same run (in its own virtual environment under build/).
# Ends with a table of figures; see docs/benchmarks.md for what each row means.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/install_deps.sh test
bash tools/build.sh bench
peers=build/peers
if [ ! -x "$peers/bin/python" ]; then
  echo "trimtab: installing the peers into $peers"
  python3 -m venv "$peers"
  "$peers/bin/pip" install --quiet "optuna>=4.6" scipy
fi
python3 bench/run.py --build build/bench --peers "$peers/bin/python" --output build/figures "$@"
