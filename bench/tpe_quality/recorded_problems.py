"""Problems over recorded data: BBOB functions, YAHPO surrogates, tables. Needs TRIMTAB_DATA, numpy, coco-experiment.

The list is data/protocol/problems_visible.json: each problem with its best known loss and the median of random points.
"""
import csv
import json
import os
import pathlib

import numpy

DATA = pathlib.Path(os.environ.get("TRIMTAB_DATA", ""))


class Surrogate:
    """A YAHPO network: a list of operations on vectors, with one file of weights."""

    OPERATIONS = {
        "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y,
        "div": lambda x, y: x / y, "log": numpy.log, "exp": numpy.exp, "neg": numpy.negative,
        "relu": lambda x: numpy.maximum(x, 0), "sigmoid": lambda x: 1 / (1 + numpy.exp(-x)),
        "affine": lambda x, scale, shift: x * scale + shift,
        "concat": lambda *parts: numpy.concatenate([numpy.atleast_1d(part) for part in parts]),
    }

    def __init__(self, name):
        weights = numpy.fromfile(DATA / "yahpo" / f"{name}.f32", dtype="<f4").astype(float)
        lines = (DATA / "yahpo" / f"{name}.prog").read_text().splitlines()
        self.about = json.loads((DATA / "yahpo" / f"{name}.json").read_text())
        self.steps = []
        for line in lines:
            operation, *words = line.split()
            if operation in ("yahpo-prog", "name", "ncat", "ncont", "nval", "nout"):
                continue
            arguments = []
            for word in words:
                if word.startswith("@"):
                    offset, length = map(int, word[1:].split(":"))
                    arguments.append(weights[offset:offset + length])
                else:
                    arguments.append(word)
            self.steps.append((operation, arguments))

    def evaluate(self, values):
        """Every output, by name. `values` by parameter; what is absent is inactive."""
        about, at = self.about, {}
        codes = [about["encoding"][name][str(values.get(name, "#na#"))] for name in about["cat_order"]]
        numbers = [float(values.get(name, 0.0)) for name in about["cont_order"]]
        for operation, words in self.steps:
            if operation == "out":
                return dict(zip((output["name"] for output in about["outputs"]), at[words[0]]))
            target, rest = words[0], [at.get(w, w) if isinstance(w, str) else w for w in words[1:]]
            if operation == "cat":
                at[target] = codes[int(words[1])]
            elif operation == "cont":
                at[target] = numpy.array([numbers[int(words[1])]])
            elif operation == "embed":
                width = int(words[3])
                at[target] = rest[1][rest[0] * width:(rest[0] + 1) * width]
            elif operation == "gemm":
                at[target] = rest[3].reshape(int(words[2]), int(words[3])) @ rest[0] + rest[4]
            elif operation == "pick":
                at[target] = rest[0][int(words[2])]
            elif operation == "slice":
                at[target] = rest[0][int(words[2]):int(words[2]) + int(words[3])]
            elif operation == "clip":
                at[target] = numpy.clip(rest[0], float(words[2]), float(words[3]))
            elif operation == "selu":
                alpha, gamma, x = float(words[2]), float(words[3]), rest[0]
                at[target] = gamma * numpy.where(x > 0, x, alpha * numpy.expm1(numpy.minimum(x, 0)))
            else:
                at[target] = self.OPERATIONS[operation](*rest)
        raise ValueError("a program without output")


def conditions(condition):
    """(parent, values) pairs that must hold together."""
    if condition["type"] == "AND":
        return [pair for part in condition["conditions"] for pair in conditions(part)]
    return [(condition["parent"], condition.get("values") or [condition["value"]])]


def yahpo(name, instance, target):
    surrogate = Surrogate(name)
    about = surrogate.about
    fixed = {about["instance_param"]: instance, "epoch": 52, "trainsize": 1, "repl": 10}
    plain = {h["name"]: h["name"].replace(".", "_") for h in about["config_space"]["hyperparameters"]}
    definition = {}
    for h in about["config_space"]["hyperparameters"]:
        if h["name"] in fixed:
            continue
        if h["type"] == "categorical":
            entry = {"choice": h["choices"]}
        else:
            entry = {"int" if h["type"] == "uniform_int" else "float": [h["lower"], h["upper"]], "log": h["log"]}
        definition[plain[h["name"]]] = entry
    for condition in about["config_space"]["conditions"]:
        entry = definition.get(plain[condition["child"]])
        for parent, values in conditions(condition):
            entry.setdefault("when", {})[plain[parent]] = values
    sign = 1.0 if next(o["minimize"] for o in about["outputs"] if o["name"] == target) else -1.0
    real = {short: long for long, short in plain.items()}
    return definition, lambda point: sign * float(
        surrogate.evaluate({**{real[k]: v for k, v in point.items()}, **fixed})[target])


def table(family, name):
    about = json.loads((DATA / "tabular" / "spaces.json").read_text())[family]
    sign = -1.0 if about["direction"].startswith("max") else 1.0
    definition, index = {}, {}
    for parameter in about["params"]:
        try:
            values = [float(value) for value in parameter["values"]]
            definition[parameter["name"]] = {"ordinal": values}
        except ValueError:
            values = list(parameter["values"])
            definition[parameter["name"]] = {"choice": values}
        index[parameter["name"]] = {value: at for at, value in enumerate(values)}
    losses = {}
    with open(DATA / "tabular" / family / f"{name}.csv") as file:
        rows = csv.reader(file)
        header = next(rows)
        names = header[:len(index)]
        for row in rows:
            seeds = [float(value) for value in row[len(names):] if value]  # some runs are missing
            losses[tuple(map(int, row[:len(names)]))] = sign * sum(seeds) / len(seeds)
    return definition, lambda point: losses[tuple(index[n][point[n]] for n in names)]


def bbob(suite, function, dimension, instance):
    import cocoex
    problem = cocoex.Suite(suite, "", "").get_problem_by_function_dimension_instance(function, dimension, instance)
    definition = {}
    for j in range(dimension):
        low, high = float(problem.lower_bounds[j]), float(problem.upper_bounds[j])
        is_integer = j < problem.number_of_integer_variables
        definition[f"x{j}"] = {"int": [int(low), int(high)]} if is_integer else {"float": [low, high]}
    return definition, lambda point: float(problem([float(point[f"x{j}"]) for j in range(dimension)]))


def load(part=""):
    """Every problem: {name, family, best, definition, loss, ...}, if `part` is in its name."""
    rows = json.loads((DATA / "protocol" / "problems_visible.json").read_text())
    for row in rows:
        if part not in row["problem"]:
            continue
        kind, *arguments = row["def"]
        if kind == "yahpo":
            definition, loss = yahpo(*arguments)
        elif kind == "tabular":
            definition, loss = table(*arguments)
        else:
            definition, loss = bbob(kind, *arguments)
        yield {**row, "name": row["problem"], "definition": definition, "loss": loss}
