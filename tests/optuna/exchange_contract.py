"""Takes studies out of Optuna's own files and compares them, trial by trial, with what Optuna's client sees through
`trimtab serve` and in exports. Run by run_exchange.sh, with Optuna's Python.

    exchange_contract.py BUILD_FOLDER
"""
import datetime
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
IS_UTC = int(optuna.__version__.split(".")[0]) >= 5  # what its databases' times are
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
        "user": json.dumps(trial.user_attrs, sort_keys=True), "system": json.dumps({k: v for k, v in trial.system_attrs.items() if not k.startswith("trimtab:")}, sort_keys=True),
        "reports": repr(sorted(trial.intermediate_values.items())),
    }


def compare(ours, theirs, shift=None, names=None) -> int:
    """The studies of `theirs` are in `ours`, alike. @param shift  added to the times of theirs."""
    count = 0
    for study in theirs.get_all_studies():
        if names is not None and study.study_name not in names:
            continue
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
    if not IS_UTC:
        return None
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


def check_export(folder: pathlib.Path) -> None:
    """What was imported is exported as it was, and Optuna goes on with the file."""
    source = RDBStorage(f"sqlite:///{folder}/sqlite")
    count = 0
    for i, study in enumerate(source.get_all_studies()):
        path = folder / f"exported{i}.sqlite3"
        words = ["export", "optuna-sqlite", study.study_name, "--storage", f"sqlite:{folder}/again.db", "-o", str(path)]
        if i == 0:
            trimtab("import", f"{folder}/sqlite", "--storage", f"sqlite:{folder}/again.db")
        if not IS_UTC:
            words += ["--times", "local"]
        trimtab(*words)
        exported = RDBStorage(f"sqlite:///{path}")
        count += compare(exported, source, None, [study.study_name])
        if study.study_name == "several":
            going_on = optuna.load_study(storage=exported, study_name="several")
            assert [t.number for t in going_on.best_trials] == \
                [t.number for t in optuna.load_study(storage=source, study_name="several").best_trials]
            going_on.optimize(lambda trial: (trial.suggest_float("x", 0, 1), 0.0), n_trials=3)
            assert len(going_on.trials) == 13
    print(f"optuna-sqlite: {count} trials exported alike")


STUDY = """
[study]
name = "native"
objectives = [{ name = "loss", goal = "min" }]
constraints = [{ metric = "size", at_most = 0.5 }]
budget = { trials = 30 }
parallel = 2
[space]
x = [0.0, 1.0]
kind = ["a", "b"]
[space.depth]
int = [1, 5]
when = { kind = "b" }
[program]
command = "sh fit.sh {x} {kind}"
directory = "FOLDER"
[sampler]
name = "random"
[validity]
confirm = { top = 1, seeds = 3 }
"""
PROGRAM = """case $1 in 0.9*) exit 9;; esac
echo "trimtab: {\\"step\\": 1, \\"loss\\": 2}"
echo "trimtab: {\\"loss\\": $1, \\"size\\": $1}"
"""


def check_native(folder: pathlib.Path) -> None:
    """A study of Trimtab's own opens in Optuna, and comes back."""
    (folder / "study.toml").write_text(STUDY.replace("FOLDER", str(folder)), encoding="utf-8")
    (folder / "fit.sh").write_text(PROGRAM, encoding="utf-8")
    url = f"sqlite:{folder}/native.db"
    trimtab("run", str(folder / "study.toml"), "--storage", url, "--folder", str(folder / "trials"), "--json")
    words = [] if IS_UTC else ["--times", "local"]
    trimtab("export", "optuna-sqlite", "native", "--storage", url, "-o", str(folder / "native.sqlite3"), *words)
    storage = RDBStorage(f"sqlite:///{folder}/native.sqlite3")
    study = optuna.load_study(storage=storage, study_name="native")
    ours = json.loads(trimtab("trials", "native", "--storage", url, "--json", "--limit", "0"))
    assert len(study.trials) == len(ours) and study.metric_names == ["loss"]
    best = json.loads(trimtab("best", "native", "--storage", url, "--json"))
    search = [t for t in study.trials if "trimtab:purpose" not in t.system_attrs]
    feasible = [t for t in search if t.state == TrialState.COMPLETE and max(t.system_attrs["constraints"]) <= 0]
    assert min(feasible, key=lambda t: t.value).number == best["number"]
    assert any(t.state == TrialState.FAIL and "exit code" in t.system_attrs["trimtab:failure"] for t in search)
    with Served(url) as served:
        compare_keys = ("state", "values", "params", "distributions", "reports", "start", "complete", "user")
        mine = served.get_all_trials(served.get_study_id_from_name("native"))
        for a, b in zip(mine, study.trials):
            left, right = view_of(a), view_of(b)
            assert all(left[key] == right[key] for key in compare_keys), (left, right)
    trimtab("import", str(folder / "native.sqlite3"), "--storage", url, "--as", "back")
    back = json.loads(trimtab("trials", "back", "--storage", url, "--json", "--limit", "0"))
    for a, b in zip(ours, back):
        for key in ("number", "state", "params", "values", "reports"):
            assert a.get(key) == b.get(key), (key, a, b)
    print(f"native: {len(ours)} trials out and back")


def check_dashboard(path: pathlib.Path) -> None:
    """Optuna's dashboard shows the file."""
    try:
        from optuna_dashboard import wsgi
    except ImportError:
        print("dashboard: absent")
        return
    from wsgiref.util import setup_testing_defaults
    environment = {"PATH_INFO": "/api/studies/1", "REQUEST_METHOD": "GET"}
    setup_testing_defaults(environment)
    answers = []
    body = b"".join(wsgi(optuna.storages.get_storage(f"sqlite:///{path}"))(environment, lambda *a: answers.append(a[0])))
    assert answers == ["200 OK"], (answers, body[:500])
    print(f"dashboard: {len(json.loads(body)['trials'])} trials")


def check_mirror(folder: pathlib.Path) -> None:
    """A mirror that is killed and started again has in the end what the study has."""
    url, path = f"sqlite:{folder}/followed.db", folder / "mirror.sqlite3"
    words = [BUILD / "trimtab", "export", "optuna-sqlite", "followed", "--storage", url, "-o", str(path), "--follow"]
    words += [] if IS_UTC else ["--times", "local"]
    with Served(url) as served:
        study = optuna.create_study(storage=served, study_name="followed", sampler=optuna.samplers.RandomSampler(seed=4))

        def objective(trial):
            trial.set_user_attr("early", trial.number)
            x = trial.suggest_float("x", 0, 1)
            trial.report(x, 1)
            return x

        study.optimize(objective, n_trials=5)
        mirror = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        mirror.stderr.readline()
        study.optimize(objective, n_trials=100)
        mirror.kill()
        mirror.wait()
        study.optimize(objective, n_trials=20)
        mirror = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        mirror.stderr.readline()
        study.enqueue_trial({"x": 0.5})
        running = study.ask()
        study.set_user_attr("late", 1)
        study.enqueue_trial({"x": 0.25})
        mirror.terminate()
        assert mirror.wait(timeout=30) == 0
        mirrored = RDBStorage(f"sqlite:///{path}")
        count = compare(mirrored, served)
        assert mirrored.get_trial(running._trial_id - served.get_all_trials(1)[0]._trial_id + 1).state == TrialState.RUNNING
        refused = subprocess.run([*words[:5], url, "-o", str(folder / "sqlite")], capture_output=True, text=True)
        assert refused.returncode == 2 and "is no mirror of this study" in refused.stderr, refused.stderr
    print(f"mirror: {count} trials alike")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        for kind in ("sqlite", "journal"):
            check_import(pathlib.Path(name), kind)
        check_export(pathlib.Path(name))
        check_native(pathlib.Path(name))
        check_dashboard(pathlib.Path(name) / "native.sqlite3")
        check_mirror(pathlib.Path(name))
