#!/usr/bin/env python3
"""Trimtab's server and Optuna's own, measured in one run by the same client program (load.cpp).
Usage: compare.py BUILD_FOLDER OPTUNA_PYTHON [SECONDS]; prints one line of JSON per measurement.
OPTUNA_PYTHON is the interpreter of an environment with Optuna (tests/optuna/run_contract.sh makes some)."""
import json
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

OPTUNA_SERVER = """
import sys, warnings
warnings.simplefilter("ignore")
import optuna
from optuna.storages import InMemoryStorage, RDBStorage, run_grpc_proxy_server
storage = InMemoryStorage() if sys.argv[1] == "memory:" else RDBStorage(sys.argv[1])
run_grpc_proxy_server(storage, host="127.0.0.1", port=int(sys.argv[2]))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, words: list[str], port: int):
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
        self.address = f"127.0.0.1:{port}"
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("the server does not listen")

    def cpu_seconds(self) -> float:
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def end(self):
        self.process.terminate()
        self.process.wait(timeout=60)


def main() -> None:
    build, python = pathlib.Path(sys.argv[1]), sys.argv[2]
    seconds = sys.argv[3] if len(sys.argv) > 3 else "10"
    with tempfile.TemporaryDirectory() as folder:
        def ours(storage):
            port = free_port()
            return Server([str(build / "trimtab-serve"), "--storage", storage, "--listen", f"127.0.0.1:{port}"], port)

        def optunas(storage):
            port = free_port()
            return Server([python, "-c", OPTUNA_SERVER, storage, str(port)], port)

        def measure(name, server, *words):
            begin = server.cpu_seconds()
            done = subprocess.run([str(build / "bench" / "bench_server"), server.address, *words],
                                  capture_output=True, text=True, check=True)
            result = json.loads(done.stdout)
            result["server_cpu_seconds"] = round(server.cpu_seconds() - begin, 2)
            if "calls_per_second" in result:
                calls = result["calls_per_second"] * float(seconds)
                result["server_cpu_us_per_call"] = round(result["server_cpu_seconds"] / calls * 1e6, 1)
            print(json.dumps({"server": name, "what": " ".join(words), **result}), flush=True)
            return result

        for name, start, storage in [
            ("trimtab memory:", ours, "memory:"),
            ("trimtab sqlite:", ours, f"sqlite:{folder}/trimtab.db"),
            ("optuna in memory", optunas, "memory:"),
            ("optuna sqlite", optunas, f"sqlite:///{folder}/optuna.db"),
        ]:
            server = start(storage)
            for clients in ("1", "32"):
                measure(name, server, clients, seconds)
            server.end()
        for name, start in [("trimtab memory:", ours), ("optuna in memory", optunas)]:
            server = start("memory:")
            sizes = [(10_000, 20)] + ([(100_000, 5)] if start is ours else [])
            for trials, parameters in sizes:
                study = measure(name, server, "fill", str(trials), str(parameters))["study"]
                measure(name, server, "read", str(study))
            server.end()


if __name__ == "__main__":
    main()
