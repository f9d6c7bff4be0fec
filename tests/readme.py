#!/usr/bin/env python3
"""Pastes the tours of pages into a shell (```console, lines that begin with `$ `) and into Python (```pycon, `>>> ` and
`... `), command by command, against a demo, and compares what is printed.

usage: tests/readme.py [--write] [--at ADDRESS] [PAGE ...]

`…` in a page replaces what differs from run to run. With --write the printed answers are put into the page.
The demo must have been started freshly with the tour's password; it listens on 127.0.0.1:8080, unless --at says where.
"""
import argparse
import re
import subprocess
import sys

ADDRESS = "127.0.0.1:8080"
VARIES = [
    (r'"(created_at|updated_at|at|instance|hash|next_cursor)":"[^"]*"', r'"\1":"…"'),
]
END = "<<done>>"
# Reads commands, each as a Python literal a line, and runs them as the interactive interpreter does.
PYTHON = f"""
import sys, traceback
names = {{"__name__": "__main__"}}
for line in sys.stdin:
    try:
        exec(compile(eval(line), "<page>", "single"), names)
    except Exception:
        traceback.print_exc(file=sys.stdout)
    print("\\n{END}", flush=True)
"""


class Session:
    """A program that takes commands and prints answers."""

    def __init__(self, command, prompt, more, encode):
        pipe = subprocess.PIPE
        self.program = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True)
        self.prompt, self.more, self.encode = prompt, more, encode

    def run(self, command: str) -> list[str]:
        self.program.stdin.write(self.encode(command))
        self.program.stdin.flush()
        printed = []
        for line in self.program.stdout:
            if line.strip() == END:
                break
            printed.append(line.rstrip())
        while printed and not printed[-1]:
            printed.pop()
        for pattern, stand_in in VARIES:
            printed = [re.sub(pattern, stand_in, line) for line in printed]
        return printed


def tour(page: str, address: str, write: bool) -> tuple[int, int]:
    """Runs one page; tells how many commands there were and how many printed something else."""
    text = open(page, encoding="utf-8").read()
    sessions = {
        "console": Session(["bash"], "$ ", None, lambda command: f"{command}\necho; echo '{END}'\n"),
        "pycon": Session([sys.executable, "-c", PYTHON], ">>> ", "... ", lambda command: repr(command + "\n") + "\n"),
    }
    commands = failures = 0

    def block(match: re.Match) -> str:
        nonlocal commands, failures
        session = sessions[match.group(1)]
        lines, result, index = match.group(2).splitlines(), [], 0
        while index < len(lines):
            shown = [lines[index]]
            assert shown[0].startswith(session.prompt), shown[0]
            index += 1
            while index < len(lines) and session.more and lines[index].startswith(session.more):
                shown.append(lines[index])
                index += 1
            expected = []
            while index < len(lines) and not lines[index].startswith(session.prompt):
                expected.append(lines[index])
                index += 1
            command = "\n".join(line[len(session.prompt) :] for line in shown)
            printed = session.run(command.replace(ADDRESS, address))
            printed = [line.replace(address, ADDRESS) for line in printed]
            commands += 1
            if printed != expected and not write:
                failures += 1
                print(f"{page}: {command}\n  printed:  {printed}\n  expected: {expected}")
            result += [*shown, *printed]
        return f"```{match.group(1)}\n" + "\n".join(result) + "\n```"

    text = re.sub(r"```(console|pycon)\n(.*?)\n```", block, text, flags=re.S)
    if write:
        open(page, "w", encoding="utf-8").write(text)
    print(f"{page}: {commands - failures} passed, {failures} failed")
    return commands, failures


def main() -> int:
    parser = argparse.ArgumentParser(description="Runs the tours of pages against a demo.")
    parser.add_argument("--write", action="store_true", help="put what is printed into the pages")
    parser.add_argument("--at", default=ADDRESS, help="where the demo listens")
    parser.add_argument("page", nargs="*", default=["README.md"])
    asked = parser.parse_args()
    results = [tour(page, asked.at, asked.write) for page in asked.page]
    return 1 if any(failures or not commands for commands, failures in results) else 0


sys.exit(main())
