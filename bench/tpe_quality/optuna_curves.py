#!/usr/bin/env python3
"""Runs Optuna's samplers on the problems of bench_tpe_quality; one JSON line per problem and seed."""
import argparse
import json
import subprocess
import sys
import time

import optuna


def suggest(trial, definition, active, is_flat=False):
    """One point of a space definition; `active` collects the values.

    Flat: inactive parameters are suggested too, and their values ignored, as a sampler needs that
    models only the parameters that all trials share.
    """
    for name, entry in definition.items():
        is_active = all(active.get(parent) in values for parent, values in conditions(entry))
        if not is_active and not is_flat:
            continue
        value = suggest_one(trial, name, entry)
        if is_active:
            active[name] = value
    return active


def suggest_one(trial, name, entry):
    if "float" in entry:
        low, high = entry["float"]
        return trial.suggest_float(name, low, high, log=entry.get("log", False))
    if "int" in entry:
        low, high = entry["int"]
        return trial.suggest_int(name, low, high, log=entry.get("log", False))
    if "choice" in entry:
        return trial.suggest_categorical(name, entry["choice"])
    values = entry["ordinal"]  # Optuna's nearest is an integer over the ranks
    return values[trial.suggest_int(name, 0, len(values) - 1)]


def conditions(entry):
    when = entry.get("when", {})
    return [(parent, values if isinstance(values, list) else [values])
            for parent, values in when.items()]


def sampler(kind, seed):
    if kind == "random":
        return optuna.samplers.RandomSampler(seed=seed)
    if kind == "tpe-multivariate-group":
        return optuna.samplers.TPESampler(seed=seed, multivariate=True, group=True)
    if kind == "tpe-univariate":  # the default up to version 4
        return optuna.samplers.TPESampler(seed=seed, multivariate=False, constant_liar=False)
    if kind in ("gp", "gp-flat"):
        return optuna.samplers.GPSampler(seed=seed)
    return optuna.samplers.TPESampler(seed=seed)


def curve(program, problem, kind, budget, seed):
    evaluator = subprocess.Popen([program, "evaluate", problem["name"]], text=True,
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    study = optuna.create_study(sampler=sampler(kind, seed))
    best, losses = float("inf"), []
    for _ in range(budget):
        trial = study.ask()
        point = suggest(trial, problem["definition"], {}, kind.endswith("-flat"))
        evaluator.stdin.write(json.dumps(point) + "\n")
        evaluator.stdin.flush()
        loss = json.loads(evaluator.stdout.readline())
        study.tell(trial, loss)
        best = min(best, loss)
        losses.append(best)
    evaluator.stdin.close()
    evaluator.wait()
    return losses


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="path of bench_tpe_quality")
    parser.add_argument("kind", choices=["random", "tpe", "tpe-univariate",
                                         "tpe-multivariate-group", "gp", "gp-flat"])
    parser.add_argument("budget", type=int)
    parser.add_argument("seeds", type=int)
    arguments = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    listing = subprocess.run([arguments.program, "list"], capture_output=True, text=True, check=True)
    problems = [json.loads(line) for line in listing.stdout.splitlines()]
    for seed in range(arguments.seeds):  # outermost, so that a run that is cut short stays paired
        for problem in problems:
            start = time.process_time()
            losses = curve(arguments.program, problem, arguments.kind, arguments.budget, seed)
            row = {"problem": problem["name"], "seed": seed, "curve": losses,
                   "seconds": time.process_time() - start, "version": optuna.__version__}
            print(json.dumps(row))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
