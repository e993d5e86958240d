"""Checks that the operations guide tells of every metric, and of every warning and error, in the programs' own words."""

import re
import sys
from pathlib import Path

GUIDE = "docs/operations.md"
# Whose words the crates' are. The simulator is no part of what is operated, and the command line logs nothing of its own.
CRATES = {"collector": ["collector", "core"], "api": ["api", "core"], "both": ["collector", "api", "core"]}
LEVELS = {"info": "INFO", "warn": "WARNING", "error": "ERROR"}
faults = []


def section():
    text = Path(GUIDE).read_text()
    return re.search(r"^## Metrics and log events that matter$(.*?)^## ", text, re.M | re.S)[1]


def message_of(arguments):
    """The message of an event: the last text among its own arguments, not among those of calls in there."""
    depth, message = 0, None
    for token in re.finditer(r'"((?:[^"\\]|\\.)*)"|([(\[{])|([)\]}])', arguments, re.S):
        depth += bool(token[2]) - bool(token[3])
        if depth < 0:
            break
        if depth == 0 and token[1] is not None:
            message = re.sub(r"\\\n\s*", "", token[1])
    return message


def events():
    """Level and message of everything that is logged, by crate."""
    found = set()
    for crate in CRATES["both"]:
        for file in Path(f"crates/{crate}/src").rglob("*.rs"):
            if "test" in file.name or "tests" in file.parts:
                continue
            text = file.read_text().split("#[cfg(test)]\nmod tests {")[0]
            for event in re.finditer(r"\btracing::(info|warn|error)!\(", text):
                message = message_of(text[event.end() :])
                if message is None:
                    faults.append(f"{file}: an event without a message")
                found.add((crate, LEVELS[event[1]], message))
    return found


def logs():
    """What the guide quotes is said, by who and how loudly the guide says; all warnings and errors are quoted."""
    said, quoted = events(), set()
    for level, messages, program in re.findall(r"^\| ([A-Z]+) \| (`.*?`) \| (\w+) \|", section(), re.M):
        for message in re.findall(r"`([^`]+)`", messages):
            who = {(crate, level, message) for crate in CRATES[program]} & said
            if not who:
                faults.append(f"{GUIDE}: nothing of {program} says {message!r} as {level}")
            quoted |= who
    for crate, level, message in sorted(said - quoted):
        if level != "INFO":
            faults.append(f"{GUIDE} does not tell of {level} {message!r} (crates/{crate})")
    print(f"logs: {len(quoted)} events of {len(said)}, all warnings and errors among them")


def metrics():
    """The table has exactly the metrics that are documented."""

    def named(text):
        rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", text, re.M)
        return {name for row in rows for name in re.findall(r"`((?:unistatus|process)_\w+)`", row)}

    documented, told = named(Path("docs/metrics.md").read_text()), named(section())
    for name in sorted(documented ^ told):
        faults.append(f"{name}: only {'docs/metrics.md' if name in documented else GUIDE} tells of it")
    print(f"metrics: {len(told)}")


if __name__ == "__main__":
    logs()
    metrics()
    sys.exit("\n".join(faults) or 0)
