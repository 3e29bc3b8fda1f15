#!/usr/bin/env bash
# Follows docs/adding-a-sampler.md and docs/adding-an-analysis.md in a copy of the sources: adds the one folder of each,
# builds, and looks for the new things on the command line and in the tests. Usage: check_adding.sh SOURCE BUILD_TYPE
# With a warm ccache only the new files are compiled.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
source=$1
copy=$scratch/trimtab
mkdir "$copy"
cp -r "$source"/{CMakeLists.txt,cmake,trimtab,tests,examples} "$copy"

# Every block "```cpp PATH" of the pages becomes that file.
awk -v root="$copy/" '
  /^```cpp / { file = root $2; folder = file; sub("/[^/]*$", "", folder); system("mkdir -p " folder); next }
  /^```/ { file = "" }
  file { print > file }' "$source"/docs/adding-a{-sampler,n-analysis}.md
for added in samplers/mine/mine science/late_gain/late_gain; do
  ls "$copy/trimtab/$added".{hpp,cpp} "$copy/trimtab/${added}_test.cpp" >/dev/null
  clang-format-19 --dry-run --Werror --style="file:$source/.clang-format" "$copy/trimtab/${added%/*}"/*.?pp
done

# The others' own tests say nothing here and would be compiled again.
find "$copy/trimtab/science" -name '*_test.cpp' ! -path '*/late_gain/*' -delete
find "$copy/trimtab/samplers" -name '*_test.cpp' ! -path '*/mine/*' ! -name contract_test.cpp -delete

launcher=()
if command -v ccache >/dev/null; then
  launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  export CCACHE_BASEDIR=$copy CCACHE_NOHASHDIR=1
fi
build=$copy/build/test # as deep as a preset's, so that ccache sees the same relative paths
cmake -S "$copy" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE="$2" "${launcher[@]}" >"$scratch/configure.log"
cmake --build "$build" --target trimtab_samplers_test trimtab_science_test >"$scratch/build.log" || {
  tail -n 40 "$scratch/build.log"
  exit 1
}

"$build/trimtab" list samplers | grep -A 3 '^mine' | grep -q 'random_rate' || {
  echo "trimtab list samplers does not show the new sampler and its option"
  "$build/trimtab" list samplers
  exit 1
}
"$build/trimtab" list analyses | grep -q '^late_gain' || {
  echo "trimtab list analyses does not show the new analysis"
  exit 1
}
"$build/tests/trimtab_science_test" --gtest_filter='LateGain.*' >"$scratch/analysis.log" || {
  cat "$scratch/analysis.log"
  exit 1
}
grep -q '^\[       OK \] LateGain\.' "$scratch/analysis.log"
log=$scratch/tests.log
"$build/tests/trimtab_samplers_test" --gtest_filter='Mine.*:*/mine' >"$log" || { cat "$log"; exit 1; }
promises=$(grep -c '^\[       OK \] .*SamplerContract.*/mine ' "$log")
own=$(grep -c '^\[       OK \] Mine\.' "$log")
[ "$promises" -ge 12 ] && [ "$own" -eq 1 ] || { cat "$log"; exit 1; }
echo "two folders added: listed, $promises promises of the contract kept, $own test of its own passed"
