#!/usr/bin/env python3
"""Runs the code blocks of README.md and docs/*.md, each page in a scratch folder of its own, in order.

Blocks by language: shell (no language, sh) is run by bash -eu with the built trimtab on the PATH; cpp is compiled
and run against the build; toml and yaml are checked as study files (a fragment of toml is completed first); sql is
executed by SQLite; json and python are parsed; text is output or a diagram. An HTML comment right above a block
changes that:
  <!-- file: NAME -->        the block is written to NAME and not run, as is a block that opens with ```LANGUAGE NAME
  <!-- not run: REASON -->   the block is left alone
Two comments hold what only the check needs:
  <!-- hidden file: NAME     the rest of the comment is written to NAME, executable
  <!-- check                 the rest of the comment is run by bash
Usage: check_docs.py ROOT BUILD [PAGE...]
"""
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import tomllib

BLOCK = re.compile(
    r"<!--\s*(?P<hidden>hidden file:|check\b)(?P<body>.*?)-->"
    r"|(?:<!--\s*(?P<kind>file|not run):\s*(?P<value>[^>]*?)\s*-->\s*\n)?^```(?P<language>[^\n]*)\n(?P<code>.*?)^```\s*$",
    re.S | re.M)
SKELETON = {
    "study": {"name": "fragment", "objectives": [{"name": "loss", "goal": "min"}]},
    "space": {"x": [0.0, 1.0]},
}
PRELUDE = "".join(f'#include "trimtab/{name}.hpp"\n' for name in (
    "core/registry", "engine/define_by_run", "engine/runner", "engine/study", "executors/thread/thread_executor"))


class Page:
    def __init__(self, root: pathlib.Path, build: pathlib.Path, path: pathlib.Path, folder: pathlib.Path):
        self.root, self.build, self.path, self.folder = root, build, path, folder
        self.problems: list[str] = []
        self.counts: dict[str, int] = {}
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("TRIMTAB_")}
        self.environment["PATH"] = f"{build}:{folder}:{os.environ['PATH']}"

    def run(self, command: list[str], where: str, limit: float = 300.0) -> None:
        try:
            done = subprocess.run(command, cwd=self.folder, env=self.environment, timeout=limit, text=True,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except subprocess.TimeoutExpired:
            self.problems.append(f"{where}: not finished after {limit:g} s")
            return
        if done.returncode != 0:
            self.problems.append(f"{where}: exit code {done.returncode}\n{done.stdout[-2000:]}")

    def compile(self, code: str, where: str) -> None:
        if "int main" not in code:
            code = f"int main() {{\n{code}}}\n"
        source = self.folder / "block.cpp"
        source.write_text(PRELUDE + code)
        program = str(self.folder / "block")
        libraries = sorted(str(path) for path in self.build.glob("libtrimtab_*.a"))
        self.run(["c++", "-std=c++20", f"-I{self.root}", "-isystem", "/usr/include/eigen3", str(source), "-o", program,
                  "-Wl,--start-group", *libraries, "-Wl,--end-group", "-lsqlite3", "-lyaml-cpp", "-lfmt", "-pthread"],
                 where)
        if os.path.exists(program):
            self.run([program], where)
            os.remove(program)

    def check_study(self, path: pathlib.Path, where: str) -> None:
        self.run(["trimtab", "ask", str(path), "--storage", "memory:"], where)

    def check_fragment(self, code: str, where: str) -> None:
        study = {**SKELETON, **tomllib.loads(code)}
        given = study["study"]
        study["study"] = {**({} if "objective" in given else SKELETON["study"]), "name": "fragment", **given}
        fragment = self.folder / "fragment.json"
        fragment.write_text(json.dumps(study))
        self.check_study(fragment, where)

    def handle(self, language: str, code: str, where: str) -> None:
        self.counts[language] = self.counts.get(language, 0) + 1
        if language in {"", "sh", "bash"}:
            if code.startswith("#!"):
                self.problems.append(f"{where}: a script needs a name: <!-- file: NAME -->")
                return
            self.run(["bash", "-eu", "-c", code], where)
        elif language == "cpp":
            self.compile(code, where)
        elif language == "toml":
            self.check_fragment(code, where)
        elif language == "yaml":
            (self.folder / "block.yaml").write_text(code)
            self.check_study(self.folder / "block.yaml", where)
        elif language == "sql":
            sqlite3.connect(":memory:").executescript(code)
        elif language == "json":
            json.loads(code)
        elif language == "python":
            compile(code, where, "exec")
        elif language != "text":
            self.problems.append(f"{where}: nothing checks blocks of the language {language!r}")

    def check(self) -> None:
        text = self.path.read_text(encoding="utf-8")
        for match in BLOCK.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            where = f"{self.path.relative_to(self.root)}:{line}"
            if match["hidden"] == "check":
                self.handle("", match["body"].strip() + "\n", where)
            elif match["hidden"]:
                name, _, content = match["body"].strip().partition("\n")
                (self.folder / name).write_text(content + "\n")
                (self.folder / name).chmod(0o755)
            elif match["kind"] == "file" or (match["kind"] is None and " " in match["language"].strip()):
                target = self.folder / (match["value"] or match["language"].split()[1])
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(match["code"])
            elif match["kind"] is None:
                try:
                    self.handle(match["language"].strip(), match["code"], where)
                except (ValueError, SyntaxError, sqlite3.Error) as error:
                    self.problems.append(f"{where}: {error}")
            elif not match["value"]:
                self.problems.append(f"{where}: a block that is not run needs a reason")


def main() -> int:
    root, build = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    names = sys.argv[3:] or [root / "README.md", *sorted((root / "docs").glob("*.md"))]
    failed = False
    for name in names:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="trimtab-docs-"))
        page = Page(root, build, pathlib.Path(name).resolve(), folder)
        try:
            page.check()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        counts = ", ".join(f"{count} {language or 'shell'}" for language, count in sorted(page.counts.items()))
        print(f"{page.path.name}: {counts or 'no blocks'}")
        for problem in page.problems:
            failed = True
            print("  " + problem.replace("\n", "\n  "))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
