"""A pytest plugin: every storage that Optuna's tests ask for is a Trimtab server of its own, in its own
process, reached through Optuna's GrpcStorageProxy.

    TRIMTAB_SERVE=build/test/trimtab-serve pytest -p foreign_server -k grpc_trimtab ...

TRIMTAB_SERVE_STORAGE is the storage behind it: "memory:" or "sqlite:" (a new file each time).
"""
import os
import subprocess
import tempfile
import warnings

import optuna.testing.storages
import pytest
from optuna.storages import GrpcStorageProxy

MODE = "grpc_trimtab"


class ForeignServer:
    """A server over an empty storage, from `with` to its end."""

    def __init__(self, *_args, **_options):
        self.folder = tempfile.TemporaryDirectory()

    def __enter__(self) -> GrpcStorageProxy:
        url = os.environ.get("TRIMTAB_SERVE_STORAGE", "memory:")
        if url == "sqlite:":
            url += os.path.join(self.folder.name, "studies.db")
        self.process = subprocess.Popen(
            [os.environ["TRIMTAB_SERVE"], "--storage", url, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, text=True)
        port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.proxy = GrpcStorageProxy(host="127.0.0.1", port=port)
        self.proxy.wait_server_ready(timeout=30)
        return self.proxy

    def __exit__(self, *_error):
        self.proxy.close()
        self.process.terminate()
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        self.folder.cleanup()
        assert code == 0, f"the server ended with {code}"


optuna.testing.storages.STORAGE_MODES = [MODE]
optuna.testing.storages.STORAGE_MODES_HEARTBEAT = []
optuna.testing.storages.StorageSupplier = ForeignServer


@pytest.fixture
def foreign_storage():
    with ForeignServer() as storage:
        yield storage
