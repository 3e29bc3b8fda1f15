#!/usr/bin/env python3
"""Runs peers of the population samplers on the continuous problems of bench_tpe_quality.

One JSON line per problem and seed, as bench_tpe_quality writes them; compare with
bench/tpe_quality/compare.py. Every peer sees the unit cube, starts at its centre where it has a
start, and gets the same budget.
"""
import argparse
import json
import subprocess
import sys
import time
import warnings

import numpy


class BudgetSpent(Exception):
    pass


class Task:
    """A problem as a function of the unit cube that records the best loss after every call."""

    def __init__(self, program, problem, budget):
        self.process = subprocess.Popen([program, "evaluate", problem["name"]], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.names = list(problem["definition"])
        self.ranges = [problem["definition"][name]["float"] for name in self.names]
        self.budget, self.curve = budget, []

    def __call__(self, unit):
        if len(self.curve) >= self.budget:
            raise BudgetSpent
        point = {name: low + min(max(float(u), 0.0), 1.0) * (high - low)
                 for name, (low, high), u in zip(self.names, self.ranges, unit)}
        self.process.stdin.write(json.dumps(point) + "\n")
        self.process.stdin.flush()
        loss = json.loads(self.process.stdout.readline())
        self.curve.append(min(loss, self.curve[-1]) if self.curve else loss)
        return loss

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def pycma(task, seed):
    import cma
    options = {"bounds": [0, 1], "seed": seed + 1, "verbose": -9, "maxfevals": task.budget + 1}
    cma.fmin2(task, [0.5] * len(task.names), 0.25, options, restarts=9, bipop=True)


def cmaes(task, seed):  # what Optuna's CmaEsSampler uses, with its first step size
    import cmaes as package
    d = len(task.names)
    while True:
        optimizer = package.CMA(mean=numpy.full(d, 0.5), sigma=1 / 6, seed=seed,
                                bounds=numpy.array([[0.0, 1.0]] * d))
        while not optimizer.should_stop():
            asked = [optimizer.ask() for _ in range(optimizer.population_size)]
            optimizer.tell([(x, task(x)) for x in asked])
        seed += 1000


def scipy_de(task, seed):
    from scipy.optimize import differential_evolution
    differential_evolution(task, [(0, 1)] * len(task.names), seed=seed, polish=False, maxiter=10**6,
                           tol=0, atol=0)


PEERS = {"pycma": pycma, "cmaes": cmaes, "scipy-de": scipy_de}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", help="path of bench_tpe_quality")
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("budget", type=int)
    parser.add_argument("seeds", type=int)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    listing = subprocess.run([arguments.program, "list"], capture_output=True, text=True, check=True)
    for problem in map(json.loads, listing.stdout.splitlines()):
        if not all(set(entry) == {"float"} for entry in problem["definition"].values()):
            continue
        for seed in range(arguments.seeds):
            task = Task(arguments.program, problem, arguments.budget)
            start = time.process_time()
            try:
                PEERS[arguments.peer](task, seed)
            except BudgetSpent:
                pass
            seconds = time.process_time() - start
            task.close()
            task.curve += task.curve[-1:] * (arguments.budget - len(task.curve))
            print(json.dumps({"problem": problem["name"], "seed": seed, "curve": task.curve,
                              "seconds": seconds}))
            sys.stdout.flush()


if __name__ == "__main__":
    main()
