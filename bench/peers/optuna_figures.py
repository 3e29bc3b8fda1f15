"""Optuna's figures for the same questions as bench/figures/figures.cpp, one JSON line each."""
import json
import pathlib
import resource
import subprocess
import sys
import time

import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)


def say(name, value, unit):
    print(json.dumps({"name": name, "value": value, "unit": unit}), flush=True)


def distributions():
    d = optuna.distributions
    space = {f"f{i}": d.FloatDistribution(1e-3, 1.0, log=i % 2 == 0) for i in range(10)}
    space |= {f"i{i}": d.IntDistribution(1, 100) for i in range(5)}
    space |= {f"c{i}": d.CategoricalDistribution(["a", "b", "c", "d"]) for i in range(5)}
    return space


def random_trials(count, rng):
    space = distributions()
    for _ in range(count):
        params = {}
        for name, dist in space.items():
            if isinstance(dist, optuna.distributions.FloatDistribution):
                params[name] = float(rng.uniform(dist.low, dist.high))
            elif isinstance(dist, optuna.distributions.IntDistribution):
                params[name] = int(rng.integers(dist.low, dist.high + 1))
            else:
                params[name] = dist.choices[int(rng.integers(4))]
        yield optuna.trial.create_trial(params=params, distributions=space, value=float(rng.random()))


def measure_ask(count):
    import numpy as np

    rng = np.random.default_rng(1)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(multivariate=True, group=True, seed=1))
    study.add_trials(list(random_trials(count, rng)))
    space = distributions()
    times = []
    for _ in range(7):
        start = time.perf_counter()
        trial = study.ask(space)
        times.append(time.perf_counter() - start)
        study.tell(trial, float(rng.random()))
    say(f"tpe_ask_{count}", sorted(times)[len(times) // 2] * 1e3, "ms")


def measure_memory():
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    space = {k: optuna.distributions.FloatDistribution(0, 1) for k in "xy"}
    count, start = 2000, time.perf_counter()
    for _ in range(count):
        trial = study.ask(space)
        study.tell(trial, trial.params["x"])
    say("memory_ask_tell", count / (time.perf_counter() - start), "trials/s")


def measure_durable(folder):
    study = optuna.create_study(
        storage=f"sqlite:///{folder}/durable.db", sampler=optuna.samplers.RandomSampler(seed=1))
    trials = [study.ask() for _ in range(60)]
    start = time.perf_counter()
    for trial in trials:
        study.tell(trial, 1.0)
    say("durable_tell_threads_1", len(trials) / (time.perf_counter() - start), "trials/s")


OPEN = """
import optuna, sys, time, resource
start = time.perf_counter()
study = optuna.load_study(study_name="open", storage=sys.argv[1])
n = len(study.get_trials(deepcopy=False))
print(n, time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)
"""


def measure_open(folder, count):
    """A smaller study than Trimtab's: filling 100 000 trials takes Optuna more than an hour."""
    import numpy as np

    url = f"sqlite:///{folder}/open.db"
    study = optuna.create_study(study_name="open", storage=url)
    study.add_trials(list(random_trials(count, np.random.default_rng(1))))
    answer = subprocess.run([sys.executable, "-c", OPEN, url], capture_output=True, text=True, check=True)
    number, seconds, megabytes = answer.stdout.split()
    say(f"open_{number}", float(seconds), "s")
    say(f"open_{number}_memory", float(megabytes), "MB")


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.db"):
        old.unlink()
    print(json.dumps({"name": "version", "value": optuna.__version__, "unit": ""}), flush=True)
    measure_ask(1_000)
    measure_ask(10_000)
    measure_memory()
    measure_durable(folder)
    measure_open(folder, 2_000)
