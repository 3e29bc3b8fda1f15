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

# Sample efficiency, small: every other formula, 50 trials, 2 seeds; begins no run after 25 minutes.
# The full version takes hours (docs/benchmarks.md).
contestants=trimtab:random,trimtab:gp,trimtab:tpe,trimtab:cmaes
for pair in optuna-tpe:optuna nevergrad:nevergrad hyperopt:hyperopt smac3:smac; do
  package=${pair#*:}
  if "$peers/bin/pip" install --quiet "$package" cmaes; then
    contestants+=,${pair%%:*}
  else
    echo "trimtab: $package cannot be installed here; it is left out"
  fi
done
"$peers/bin/python" bench/efficiency/run_contestants.py build/bench/bench/bench_tpe_quality \
  build/figures/efficiency.jsonl "$contestants" --budget 50 --seeds 2 --every 2 --hours 0.4
build/bench/bench/bench_efficiency build/figures/efficiency.jsonl all build/figures/efficiency.html
echo "page: build/figures/efficiency.html"
