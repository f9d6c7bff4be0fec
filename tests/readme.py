#!/usr/bin/env python3
"""Pastes the README's tour into a shell, line by line, against a demo, and compares what is printed.

`…` in the README stands for what differs from run to run. With --write the printed answers are put into the README.
The demo must listen on 127.0.0.1:8080 with the tour's password, freshly started.
"""
import re
import subprocess
import sys

README = "README.md"
VARIES = [
    (r'"(created_at|updated_at|at|instance|hash)":"[^"]*"', r'"\1":"…"'),
]


def main() -> int:
    write = "--write" in sys.argv
    text = open(README, encoding="utf-8").read()
    shell = subprocess.Popen(["bash"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    failures = commands = 0

    def block(match: re.Match) -> str:
        nonlocal failures, commands
        lines, result, index = match.group(1).splitlines(), [], 0
        while index < len(lines):
            command = lines[index]
            assert command.startswith("$ "), command
            index += 1
            expected = []
            while index < len(lines) and not lines[index].startswith("$ "):
                expected.append(lines[index])
                index += 1
            shell.stdin.write(command[2:] + "\necho; echo '<<done>>'\n")
            shell.stdin.flush()
            printed = []
            for line in shell.stdout:
                if line.strip() == "<<done>>":
                    break
                printed.append(line.rstrip())
            while printed and not printed[-1]:
                printed.pop()
            for pattern, stand_in in VARIES:
                printed = [re.sub(pattern, stand_in, line) for line in printed]
            commands += 1
            if printed != expected and not write:
                failures += 1
                print(f"{command}\n  printed:  {printed}\n  expected: {expected}")
            result += [command, *printed]
        return "```console\n" + "\n".join(result) + "\n```"

    text = re.sub(r"```console\n(.*?)\n```", block, text, flags=re.S)
    if write:
        open(README, "w", encoding="utf-8").write(text)
    print(f"README tour: {commands - failures} passed, {failures} failed")
    return 1 if failures or not commands else 0


sys.exit(main())
