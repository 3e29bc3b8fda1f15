#!/usr/bin/env python3
"""Runs a few trials of every study in examples/studies, from the repository's root as their comments say.
Usage: check_examples.py ROOT BUILD"""
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile

TRIALS = 4


def run(root: pathlib.Path, trimtab: str, study: pathlib.Path, folder: str) -> str:
    """Runs one study; returns what is wrong, or ""."""
    if "[program]" not in study.read_text() or study.suffix == ".yaml":
        done = subprocess.run([trimtab, "ask", str(study), "--storage", "memory:"], cwd=root, text=True,
                              capture_output=True, check=False, timeout=60)
        return "" if done.returncode == 0 else done.stderr
    done = subprocess.run(
        [trimtab, "run", str(study), "--storage", "memory:", "--folder", folder, "--no-progress", "--json",
         "--set", f"study.budget.trials={TRIALS}", "--set", "validity.confirm=false"],
        cwd=root, text=True, capture_output=True, check=False, timeout=300)
    if done.returncode != 0:
        return f"exit code {done.returncode}\n{done.stderr}"
    trials = json.loads(done.stdout)["trials"]
    return "" if trials["complete"] == TRIALS else f"trials: {trials}"


def main() -> int:
    root, build = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    os.environ["PATH"] = f"{build}:{os.environ['PATH']}"  # for programs that say `trimtab log`
    failed = False
    for study in sorted((root / "examples" / "studies").iterdir()):
        if "train.py" in study.read_text() and importlib.util.find_spec("sklearn") is None:
            print(f"{study.name}: not run, scikit-learn is absent")
            continue
        with tempfile.TemporaryDirectory(prefix="trimtab-examples-") as folder:
            problem = run(root, str(build / "trimtab"), study, folder)
        print(f"{study.name}: {problem or 'runs'}")
        failed = failed or bool(problem)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
