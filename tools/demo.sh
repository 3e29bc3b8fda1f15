#!/usr/bin/env bash
# Installs what is needed, builds, and tunes a classifier on the Wisconsin diagnostic breast-cancer table
# twice: a Python script of the user's (scikit-learn, two processes), then the native workload.
# Ends with the paths of the two reports.
set -euo pipefail
cd "$(dirname "$0")/.."
bash tools/install_deps.sh demo
bash tools/build.sh release trimtab
trimtab=build/release/trimtab
folder=build/demo
mkdir -p "$folder"

# tune FILE TITLE: starts afresh, so that the demo shows a whole study each time.
tune() {
  local file=$1 name
  name=$(basename "$file" .toml)
  echo
  echo "== $2"
  echo "   trimtab run $file"
  rm -rf "$folder/$name.db"* "$folder/$name"
  "$trimtab" run "$file" --storage "sqlite:$folder/$name.db" --folder "$folder/$name" --report "$folder/$name.html"
}

tune examples/demo/breast_cancer.toml "any program: a scikit-learn script, two processes at a time"
tune examples/studies/diagnosis.toml "the native workload tabular_diagnosis on the same table"
echo
echo "reports:"
echo "  $PWD/$folder/breast_cancer.html"
echo "  $PWD/$folder/diagnosis.html"
