"""Takes studies out of Optuna's own files and compares them, trial by trial, with what Optuna's client sees through
`trimtab serve`. Run by run_exchange.sh, with Optuna's Python.

    exchange_contract.py BUILD_FOLDER
"""
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

os.environ.setdefault("TZ", "Asia/Kolkata")  # not UTC, so that a wrong zone is seen

import optuna  # noqa: E402
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution  # noqa: E402
from optuna.storages import GrpcStorageProxy, JournalStorage, RDBStorage  # noqa: E402
from optuna.storages.journal import JournalFileBackend  # noqa: E402
from optuna.trial import TrialState  # noqa: E402

BUILD = pathlib.Path(sys.argv[1]).resolve()
warnings.simplefilter("ignore")
optuna.logging.set_verbosity(optuna.logging.ERROR)


def trimtab(*words: str) -> str:
    done = subprocess.run([BUILD / "trimtab", *words], capture_output=True, text=True)
    assert done.returncode == 0, f"{words}: {done.stderr}"
    return done.stdout


def fill_single(storage) -> None:
    """Every kind of parameter, report, attribute and state."""
    study = optuna.create_study(storage=storage, study_name="single α/β", direction="maximize",
                                sampler=optuna.samplers.RandomSampler(seed=1))
    study.set_user_attr("who", {"name": "Zoë", "list": [1, None, 2.5e-300, True]})
    storage.set_study_system_attr(study._study_id, "note", "kept")
    study.set_metric_names(["accuracy"])

    def objective(trial):
        x = trial.suggest_float("x", 1e-6, 1.0, log=True)
        y = trial.suggest_float("y", 0.0, 1.0, step=0.1)
        n = trial.suggest_int("n", -7, 7, step=7)
        trial.suggest_int("m", 1, 1024, log=True)
        c = trial.suggest_categorical("c", ["a", None, True, 2, 1.5, "é\n"])
        trial.suggest_float("one", 3.0, 3.0)
        for step in range(3):
            trial.report([x, math.nan, -math.inf][step], step * 5)
        trial.set_user_attr("u", [c, {"k": n}])
        if trial.number % 5 == 3:
            raise optuna.TrialPruned()
        if trial.number % 5 == 4:
            raise RuntimeError("on purpose")
        return math.inf if trial.number == 1 else x + y

    study.optimize(objective, n_trials=20, catch=(RuntimeError,))
    study.enqueue_trial({"x": 0.5, "c": None})
    study.ask()  # takes it: runs
    study.enqueue_trial({"x": 0.25})
    study.add_trial(optuna.trial.create_trial(
        value=-0.0, params={"x": 0.1}, distributions={"x": FloatDistribution(1e-6, 1.0, log=True)},
        intermediate_values={-3: 1.0}, user_attrs={"a": math.nan}, system_attrs={"s": "t"}))


def fill_dynamic(storage) -> None:
    """Parameters that come and go, ranges that move, choices that are no scalars, odd names."""
    study = optuna.create_study(storage=storage, study_name="dynamic", sampler=optuna.samplers.RandomSampler(seed=2))

    def objective(trial):
        kind = trial.suggest_categorical("kind", ["a", "b"])
        value = trial.suggest_float("range", -trial.number, trial.number + 1.0)
        value += trial.suggest_int("stepped", trial.number, 20 + trial.number, step=2 + trial.number % 2)
        if kind == "a":
            value += trial.suggest_int("layers", 1, 3)
            for i in range(trial.params["layers"]):
                value += trial.suggest_float(f"units.{i} [weird] name", 0, 1)
        else:
            trial.suggest_categorical("shape", [(1, 2), (3, 4)])
        return value

    study.optimize(objective, n_trials=30)


def fill_several(storage) -> None:
    study = optuna.create_study(storage=storage, study_name="several", directions=["minimize", "maximize"],
                                sampler=optuna.samplers.RandomSampler(seed=3))

    def objective(trial):
        x = trial.suggest_float("x", 0, 1)
        storage.set_trial_system_attr(trial._trial_id, "constraints", [x - 0.5, -1.0])
        return x, (math.inf if trial.number == 2 else 1 - x)

    study.optimize(objective, n_trials=10)
    optuna.create_study(storage=storage, study_name="empty")


def view_of(trial) -> dict:
    return {
        "number": trial.number, "state": trial.state.name, "values": repr(trial.values),
        "start": trial.datetime_start, "complete": trial.datetime_complete,
        "params": {k: repr(v) for k, v in sorted(trial.params.items())},
        "distributions": {k: repr(v) for k, v in sorted(trial.distributions.items())},
        "user": json.dumps(trial.user_attrs, sort_keys=True), "system": json.dumps(trial.system_attrs, sort_keys=True),
        "reports": repr(sorted(trial.intermediate_values.items())),
    }


def compare(ours, theirs, shift=None) -> int:
    """Every study of `theirs` is in `ours`, alike. @param shift  added to the times of theirs."""
    count = 0
    for study in theirs.get_all_studies():
        id_ = ours.get_study_id_from_name(study.study_name)
        assert ours.get_study_directions(id_) == study.directions
        assert ours.get_study_user_attrs(id_) == study.user_attrs, study.user_attrs
        kept = {k: v for k, v in ours.get_study_system_attrs(id_).items() if k != "trimtab:mirror"}
        assert kept == study.system_attrs, (kept, study.system_attrs)
        mine, other = ours.get_all_trials(id_), theirs.get_all_trials(study._study_id)
        assert len(mine) == len(other)
        for a, b in zip(mine, other):
            seen, expected = view_of(a), view_of(b)
            for key in ("start", "complete"):
                if shift is not None and expected[key] is not None:
                    expected[key] += shift
            assert seen == expected, f"{study.study_name}, trial {a.number}:\n{seen}\n{expected}"
            count += 1
    return count


class Served:
    """Optuna's client of `trimtab serve` over a storage."""

    def __init__(self, url: str):
        self.url = url

    def __enter__(self):
        self.process = subprocess.Popen([BUILD / "trimtab-serve", "--storage", self.url, "--listen", "127.0.0.1:0"],
                                        stdout=subprocess.PIPE, text=True)
        port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        self.proxy = GrpcStorageProxy(host="127.0.0.1", port=port)
        self.proxy.wait_server_ready(timeout=30)
        return self.proxy

    def __exit__(self, *_error):
        self.proxy.close()
        self.process.terminate()
        self.process.wait(timeout=30)


def to_local():
    """What a time without a zone of this Optuna's databases needs to be local."""
    if int(optuna.__version__.split(".")[0]) < 5:
        return None
    import datetime
    return datetime.datetime.now().astimezone().utcoffset()


def check_import(folder: pathlib.Path, kind: str) -> None:
    path = folder / kind
    storage = RDBStorage(f"sqlite:///{path}") if kind == "sqlite" else JournalStorage(JournalFileBackend(str(path)))
    for fill in (fill_single, fill_dynamic, fill_several):
        fill(storage)
    if kind == "journal":
        with open(path, "a", encoding="utf-8") as file:
            file.write('{"op_code":4,"worker_id":"torn')
    url = f"sqlite:{folder}/{kind}.db"
    first = json.loads(trimtab("import", str(path), "--storage", url, "--json"))
    assert first["format"] == f"optuna-{kind}"
    assert all(study["imported"] for study in first["studies"])
    second = json.loads(trimtab("import", str(path), "--storage", url, "--json"))
    assert not any(study["imported"] for study in second["studies"])
    storage = RDBStorage(f"sqlite:///{path}") if kind == "sqlite" else storage
    with Served(url) as served:
        count = compare(served, storage, to_local() if kind == "sqlite" else None)
        study = optuna.load_study(storage=served, study_name="several")
        study.optimize(lambda trial: (trial.suggest_float("x", 0, 1), 0.0), n_trials=3)
    for name in ("dynamic", "several"):
        trimtab("show", name, "--storage", url)
        trimtab("report", name, "--storage", url, "-o", str(folder / "report.html"))
    print(f"optuna-{kind}: {count} trials alike")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        for kind in ("sqlite", "journal"):
            check_import(pathlib.Path(name), kind)
