#!/usr/bin/env python3
"""Compares docs/command-line.md with what the program says: every command has its section, in the program's order,
and the help in it is the program's help, letter by letter. With --write the help is brought up to date.
Usage: check_command_line.py PROGRAM DOCUMENT [--write]"""
import difflib
import pathlib
import re
import subprocess
import sys

SECTION = re.compile(r"^## `trimtab ([a-z-]+)`\n.*?^```text\n(.*?)^```$", re.S | re.M)


def help_of(program: str, *command: str) -> str:
    done = subprocess.run([program, *command, "--help"], capture_output=True, text=True, check=True)
    return done.stdout.strip() + "\n"


def main() -> int:
    program, path = sys.argv[1], pathlib.Path(sys.argv[2])
    text = path.read_text(encoding="utf-8")
    overview = help_of(program).split("\nCommands:\n")[1]
    commands = re.findall(r"^  ([a-z-]+) ", overview, re.M)
    problems = []
    documented = [match[1] for match in SECTION.finditer(text)]
    if documented != commands:
        problems.append(f"sections are {documented}, the program's commands {commands}")
    if "--write" in sys.argv:
        def renew(match):
            return match[0].replace(f"```text\n{match[2]}", f"```text\n{help_of(program, match[1])}")
        path.write_text(SECTION.sub(renew, text), encoding="utf-8")
        text = path.read_text(encoding="utf-8")
    for match in SECTION.finditer(text):
        expected = help_of(program, match[1])
        if match[2] != expected:
            difference = difflib.unified_diff(match[2].splitlines(), expected.splitlines(), str(path), "the program",
                                              lineterm="")
            problems.append(f"trimtab {match[1]}:\n" + "\n".join(difference))
    print("\n".join(problems) or f"{path.name}: the help of {len(documented)} commands is the program's")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
