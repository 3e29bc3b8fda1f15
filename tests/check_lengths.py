#!/usr/bin/env python3
"""Fails when a file or function is longer than the ceiling and is not listed, with its reason, in
docs/length_exceptions.md. Ceilings: 500 lines a file (tests 700), 60 lines a function."""
import pathlib
import re
import sys

FILE_CEILING, TEST_CEILING, FUNCTION_CEILING = 500, 700, 60
# A definition at namespace or class level: starts in column 0 to 2, ends with an opening brace.
START = re.compile(r"^( {0,2})(?![ })#/]|namespace|struct|class|enum|union|extern|using|TEST|BENCHMARK).*\)[^;=]*\{$")


def functions(lines: list[str]):
    i = 0
    while i < len(lines):
        match = START.match(lines[i])
        if match:
            closing = match.group(1) + "}"
            end = next((k for k in range(i + 1, len(lines)) if lines[k].rstrip(";") == closing), i)
            yield i + 1, end - i + 1, lines[i].strip()
            i = max(end, i)
        i += 1


def check(root: pathlib.Path) -> list[str]:
    exceptions_file = root / "docs" / "length_exceptions.md"
    exceptions = exceptions_file.read_text() if exceptions_file.exists() else ""
    problems = []
    for path in sorted([*(root / "trimtab").rglob("*.[ch]pp"), *(root / "examples").rglob("*.cpp")]):
        name = str(path.relative_to(root))
        lines = path.read_text().splitlines()
        is_test = path.stem.endswith("_test")
        ceiling = TEST_CEILING if is_test else FILE_CEILING
        if len(lines) > ceiling and name not in exceptions:
            problems.append(f"{name}: {len(lines)} lines, at most {ceiling}")
        if is_test:
            continue
        for line, length, head in functions(lines):
            if length > FUNCTION_CEILING and f"{name}:{head}" not in exceptions:
                problems.append(f"{name}:{line}: function of {length} lines, at most {FUNCTION_CEILING}: {head}")
    return problems


if __name__ == "__main__":
    found = check(pathlib.Path(sys.argv[1]))
    print("\n".join(found) or "lengths: every file and function is within its ceiling")
    sys.exit(1 if found else 0)
