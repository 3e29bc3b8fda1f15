#!/usr/bin/env bash
# Installs what the tests need, builds, runs every test, ends with the totals:
#   test        every test, fast and slow, the examples and the source checks
#   asan, tsan  the fast tests under the address+undefined and the thread sanitizer
#   fuzz        each fuzzer for TRIMTAB_FUZZ_SECONDS (60) from TRIMTAB_FUZZ_SEED (1; 0 = another one each time)
# Goes on after a failure, so that one run tells everything; exits 1 when anything failed.
set -uo pipefail
cd "$(dirname "$0")/.."
started=$SECONDS
bash tools/install_deps.sh test || exit 1
summary=()
failed=0

# run_preset PRESET [CTEST OPTIONS...]
run_preset() {
  local preset=$1 log totals since=$SECONDS
  shift
  if ! bash tools/build.sh "$preset"; then
    summary+=("$preset: the build FAILED")
    failed=1
    return
  fi
  log=build/$preset/tests.log
  echo "trimtab: testing preset $preset"
  ctest --test-dir "build/$preset" --parallel "$(nproc)" --output-on-failure --progress "$@" >"$log" 2>&1
  local code=$?
  if [ $code -ne 0 ]; then
    failed=1
    grep -vE '^\[[0-9]+/[0-9]+\] Test .* Passed' "$log" | tail -n 150
  fi
  totals=$(grep -E 'tests passed' "$log" || echo "no totals, see $log")
  local skipped
  skipped=$(grep -cE '\(Skipped\)$' "$log")
  summary+=("$preset: $totals, $skipped skipped (data absent or not permitted), $((SECONDS - since)) s")
}

run_fuzzers() {
  local seconds=${TRIMTAB_FUZZ_SECONDS:-60} since=$SECONDS
  if ! bash tools/build.sh fuzz fuzzers; then
    summary+=("fuzz: the build FAILED")
    failed=1
    return
  fi
  local names=() program
  for program in $(find build/fuzz -maxdepth 1 -type f -name '*_fuzz' -perm -u+x | sort); do
    names+=("$program")
  done
  echo "trimtab: fuzzing ${#names[@]} parsers for $seconds s each"
  printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -I{} sh -c \
    'mkdir -p {}.corpus; {} -seed='"${TRIMTAB_FUZZ_SEED:-1}"' -max_total_time='"$seconds"' -rss_limit_mb=4096 -timeout=10 -artifact_prefix={}. {}.corpus >{}.log 2>&1 || { tail -n 40 {}.log; exit 255; }'
  if [ $? -ne 0 ]; then
    failed=1
    summary+=("fuzz: FAILED")
    return
  fi
  local runs
  runs=$(cat build/fuzz/*_fuzz.log | sed -n 's/^Done \([0-9]*\) runs.*/\1/p' | paste -sd+ | bc)
  summary+=("fuzz: ${#names[@]} fuzzers, $runs inputs, no finding, $((SECONDS - since)) s")
}

run_preset test
run_preset asan -L fast
run_preset tsan -L fast
run_fuzzers

echo
echo "trimtab: totals after $(((SECONDS - started) / 60)) min"
printf '  %s\n' "${summary[@]}"
if [ $failed -ne 0 ]; then
  echo "trimtab: FAILED"
  exit 1
fi
echo "trimtab: every test passed"
