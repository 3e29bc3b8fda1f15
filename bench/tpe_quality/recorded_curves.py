#!/usr/bin/env python3
"""Runs samplers of Trimtab and Optuna on the recorded problems; one JSON line per problem and seed."""
import argparse
import json
import subprocess
import sys
import time

import optuna

import optuna_curves
import recorded_problems


def ours(program, problem, kind, budget, seed):
    """Points of `bench_tpe_quality serve`, answered with their losses."""
    name, _, options = kind.partition(":")
    command = [program, "serve", name, str(budget), str(seed), options or "{}"]
    server = subprocess.Popen(command, text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    server.stdin.write(json.dumps(problem["definition"]) + "\n")
    server.stdin.flush()
    losses = []
    for line in server.stdout:
        losses.append(problem["loss"](json.loads(line)))
        server.stdin.write(json.dumps(losses[-1]) + "\n")
        server.stdin.flush()
    server.wait()
    return losses


def theirs(problem, kind, budget, seed):
    study = optuna.create_study(sampler=optuna_curves.sampler(kind, seed))
    losses = []
    for _ in range(budget):
        trial = study.ask()
        point = optuna_curves.suggest(trial, problem["definition"], {}, kind.endswith("-flat"))
        losses.append(problem["loss"](point))
        study.tell(trial, losses[-1])
    return losses


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="path of bench_tpe_quality")
    parser.add_argument("kind", help="trimtab:SAMPLER[:OPTIONS], or a kind of optuna_curves.py, or list")
    parser.add_argument("budget", type=int, nargs="?", default=64)
    parser.add_argument("seeds", type=int, nargs="?", default=20)
    parser.add_argument("--only", default="", help="only problems whose name contains this")
    arguments = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    problems = list(recorded_problems.load(arguments.only))
    if arguments.kind == "list":
        for problem in problems:
            print(json.dumps({"name": problem["name"], "best": problem["best"], "is_fitted": False}))
        return
    for seed in range(arguments.seeds):  # outermost, so that a run that is cut short stays paired
        for problem in problems:
            start = time.process_time()
            if arguments.kind.startswith("trimtab:"):
                losses = ours(arguments.program, problem, arguments.kind[8:], arguments.budget, seed)
            else:
                losses = theirs(problem, arguments.kind, arguments.budget, seed)
            best = [min(losses[:i + 1]) for i in range(len(losses))]
            print(json.dumps({"problem": problem["name"], "seed": seed, "curve": best,
                              "seconds": time.process_time() - start, "version": optuna.__version__}))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
