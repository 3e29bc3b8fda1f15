"""Peers of Trimtab's samplers as functions search(definition, loss, budget, seed) -> (losses, seconds of each suggestion).

Each with the configuration that its authors recommend for expensive, sequential trials. A peer without conditions sees
every parameter at all times, and the values of inactive ones are ignored.
"""
import os
import pathlib
import sys
import tempfile
import time
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tpe_quality"))


def conditions(entry):
    return [(parent, values if isinstance(values, list) else [values])
            for parent, values in entry.get("when", {}).items()]


def active_part(definition, values):
    """What of a complete assignment is active; parents stand before their children."""
    active = {}
    for name, entry in definition.items():
        if all(active.get(parent) in allowed for parent, allowed in conditions(entry)):
            active[name] = values[name]
    return active


class Clock:
    """The time of suggestions, telling included, without the objective's."""

    def __init__(self):
        self.seconds, self.since = [], time.perf_counter()

    def stop(self):
        self.seconds.append(time.perf_counter() - self.since)

    def start(self):
        self.since = time.perf_counter()


def optuna_peer(make, is_flat=False):
    def search(definition, loss, budget, seed):
        import optuna
        from optuna_curves import suggest
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.simplefilter("ignore")
        study = optuna.create_study(sampler=make(optuna.samplers, seed))
        losses, clock = [], Clock()
        for _ in range(budget):
            trial = study.ask()
            point = suggest(trial, definition, {}, is_flat)
            clock.stop()
            losses.append(loss(point))
            clock.start()
            study.tell(trial, losses[-1])
        return losses, clock.seconds
    return search


def smac(definition, loss, budget, seed):
    """The facade for hyperparameter optimisation: random forest and log-EI."""
    import ConfigSpace as cs
    from smac import HyperparameterOptimizationFacade as Facade, Scenario
    from smac.runhistory import TrialValue
    warnings.simplefilter("ignore")
    space = cs.ConfigurationSpace(seed=seed)
    made, choices = {}, {}
    for name, entry in definition.items():
        if "float" in entry:
            made[name] = cs.Float(name, tuple(map(float, entry["float"])), log=entry.get("log", False))
        elif "int" in entry:
            made[name] = cs.Integer(name, tuple(entry["int"]), log=entry.get("log", False))
        elif "choice" in entry:
            choices[name] = entry["choice"]
            made[name] = cs.Categorical(name, [str(i) for i in range(len(entry["choice"]))])
        else:
            choices[name] = entry["ordinal"]
            made[name] = cs.Integer(name, (0, len(entry["ordinal"]) - 1))
    space.add(list(made.values()))
    rules = []
    for name, entry in definition.items():
        parts = [cs.InCondition(made[name], made[parent], [str(choices[parent].index(v)) for v in allowed])
                 for parent, allowed in conditions(entry)]
        if parts:
            rules.append(parts[0] if len(parts) == 1 else cs.AndConjunction(*parts))
    if rules:
        space.add(rules)
    losses = []
    with tempfile.TemporaryDirectory() as folder:
        scenario = Scenario(space, deterministic=True, n_trials=budget, seed=seed, output_directory=pathlib.Path(folder))
        facade = Facade(scenario, lambda config, seed=0: 0.0, overwrite=True, logging_level=50)
        clock = Clock()
        for _ in range(budget):
            asked = facade.ask()
            clock.stop()
            values = dict(asked.config)
            losses.append(loss({n: choices[n][int(v)] if n in choices else v for n, v in values.items()}))
            clock.start()
            facade.tell(asked, TrialValue(cost=losses[-1]))
    return losses, clock.seconds


def hyperopt(definition, loss, budget, seed):
    """TPE with its defaults; parameters flat."""
    import numpy
    import logging
    from hyperopt import Trials, fmin, hp, tpe
    logging.getLogger("hyperopt").setLevel(logging.ERROR)
    space, decode = {}, {}
    for name, entry in definition.items():
        if "float" in entry:
            low, high = entry["float"]
            is_log = entry.get("log", False)
            space[name] = hp.loguniform(name, numpy.log(low), numpy.log(high)) if is_log else hp.uniform(name, low, high)
            decode[name] = lambda v, low=low, high=high: min(max(float(v), low), high)
        elif "int" in entry:
            low, high = entry["int"]
            if entry.get("log", False):
                space[name] = hp.qloguniform(name, numpy.log(low), numpy.log(high), 1)
            else:
                space[name] = hp.quniform(name, low, high, 1)
            decode[name] = lambda v, low=low, high=high: int(min(max(round(v), low), high))
        elif "choice" in entry:
            space[name] = hp.choice(name, list(range(len(entry["choice"]))))
            decode[name] = lambda v, values=entry["choice"]: values[int(v)]
        else:
            top = len(entry["ordinal"]) - 1
            space[name] = hp.quniform(name, 0, top, 1)
            decode[name] = lambda v, values=entry["ordinal"], top=top: values[int(min(max(round(v), 0), top))]
    losses, clock = [], Clock()

    def objective(values):
        clock.stop()
        losses.append(loss(active_part(definition, {n: decode[n](v) for n, v in values.items()})))
        clock.start()
        return losses[-1]
    fmin(objective, space, algo=tpe.suggest, max_evals=budget, trials=Trials(), show_progressbar=False,
         rstate=numpy.random.default_rng(seed))
    return losses, clock.seconds


def nevergrad(definition, loss, budget, seed):
    import nevergrad as ng
    import numpy
    warnings.simplefilter("ignore")
    parts, decode = {}, {}
    for name, entry in definition.items():
        if "float" in entry or "int" in entry:
            low, high = entry.get("float") or entry["int"]
            part = ng.p.Log(lower=low, upper=high) if entry.get("log", False) else ng.p.Scalar(lower=low, upper=high)
            parts[name] = part.set_integer_casting() if "int" in entry else part
            decode[name] = int if "int" in entry else float
        elif "choice" in entry:
            parts[name] = ng.p.Choice(entry["choice"])
            decode[name] = lambda v: v
        else:
            parts[name] = ng.p.TransitionChoice(entry["ordinal"])
            decode[name] = lambda v: v
    space = ng.p.Dict(**parts)
    space.random_state = numpy.random.RandomState(seed)
    optimizer = ng.optimizers.NGOpt(parametrization=space, budget=budget, num_workers=1)
    losses, clock = [], Clock()
    for _ in range(budget):
        asked = optimizer.ask()
        clock.stop()
        losses.append(loss(active_part(definition, {n: decode[n](v) for n, v in asked.value.items()})))
        clock.start()
        optimizer.tell(asked, losses[-1])
    return losses, clock.seconds


def hebo(definition, loss, budget, seed):
    import numpy
    from hebo.design_space.design_space import DesignSpace
    from hebo.optimizers.hebo import HEBO
    warnings.simplefilter("ignore")
    rows, decode = [], {}
    for name, entry in definition.items():
        if "float" in entry or "int" in entry:
            low, high = entry.get("float") or entry["int"]
            is_log, is_int = entry.get("log", False), "int" in entry
            kind = ("pow_int" if is_log else "int") if is_int else ("pow" if is_log else "num")
            rows.append({"name": name, "type": kind, "lb": low, "ub": high})
            decode[name] = int if is_int else float
        elif "choice" in entry:
            rows.append({"name": name, "type": "cat", "categories": [str(i) for i in range(len(entry["choice"]))]})
            decode[name] = lambda v, values=entry["choice"]: values[int(v)]
        else:
            rows.append({"name": name, "type": "int", "lb": 0, "ub": len(entry["ordinal"]) - 1})
            decode[name] = lambda v, values=entry["ordinal"]: values[int(v)]
    numpy.random.seed(seed)
    optimizer = HEBO(DesignSpace().parse(rows), scramble_seed=seed)
    losses, clock = [], Clock()
    for _ in range(budget):
        asked = optimizer.suggest(n_suggestions=1)
        clock.stop()
        row = asked.iloc[0].to_dict()
        losses.append(loss(active_part(definition, {n: decode[n](row[n]) for n in definition})))
        clock.start()
        optimizer.observe(asked, numpy.array([[losses[-1]]]))
    return losses, clock.seconds


PEERS = {
    "optuna-tpe": optuna_peer(lambda samplers, seed: samplers.TPESampler(seed=seed)),
    "optuna-gp": optuna_peer(lambda samplers, seed: samplers.GPSampler(seed=seed), is_flat=True),
    "optuna-cmaes": optuna_peer(lambda samplers, seed: samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False),
                                is_flat=True),
    "smac3": smac,
    "hyperopt": hyperopt,
    "nevergrad": nevergrad,
    "hebo": hebo,
}
PACKAGES = {"optuna-tpe": "optuna", "optuna-gp": "optuna", "optuna-cmaes": "optuna", "smac3": "smac",
            "hyperopt": "hyperopt", "nevergrad": "nevergrad", "hebo": "HEBO"}
os.environ.setdefault("OMP_NUM_THREADS", "1")
