"""All static checks, one line each: `make lint`.

    python tools/lint.py [check ...]      names from CHECKS; all without names, but `deep`

clang-tidy is the slow one. A file that passed is not looked at again until it, a header it
includes, or .clang-tidy changes: the digest of these is remembered in build/tidy, or in
the folder that SHOAL_LINT_CACHE names.

Nearly all of its time goes to the analyzer's paths through the largest functions, so these
get a third of the states that it would visit by itself, which halves the time; `deep`, which
runs only when it is named, leaves it all of them.
"""

import hashlib
import json
import os
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/debug"
PASSED = Path(os.environ.get("SHOAL_LINT_CACHE", ROOT / "build/tidy"))
# States that clang's analyzer visits in one function: its own limit is 225000.
STATES = "max-nodes=75000"


def run(*command: str) -> str:
    """Output of a command that failed, empty if it did not."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return "" if done.returncode == 0 else (done.stdout + done.stderr) or "failed"


def files(*patterns: str) -> list[str]:
    """Files of the work tree, tracked or new, that are not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return sorted(f for f in listed if (ROOT / f).exists())


def check_layers() -> str:
    return run(sys.executable, "tools/check_layers.py")


def check_ops() -> str:
    return run(sys.executable, "tools/check_ops.py")


def check_pages() -> str:
    return run(sys.executable, "tools/gen_docs.py", "--check")


def check_format() -> str:
    sources = files("*.c", "*.h")
    return run("clang-format", "--dry-run", "-Werror", *sources) if sources else ""


def check_ruff() -> str:
    ruff = sys.executable, "-m", "ruff"
    return run(*ruff, "check", ".") + run(*ruff, "format", "--check", ".")


def check_shell() -> str:
    scripts = [*files("*.sh"), ".ci/run"]
    return "".join(run("bash", "-n", script) for script in scripts)


def check_banned() -> str:
    """The heap belongs to two files; nothing else may claim the right to it."""
    owners = {"src/base/arena.c", "src/array/buf.c", "src/base/banned.h"}
    return "".join(
        f"{file}: SHOAL_ALLOCATES is for {sorted(owners)} only\n"
        for file in files("src/*.c", "src/*.h")
        if file not in owners and "SHOAL_ALLOCATES" in (ROOT / file).read_text()
    )


def tidy_digest(entry: dict, dependencies: list[str], options: list[str]) -> str:
    digest = hashlib.sha256((ROOT / ".clang-tidy").read_bytes())
    digest.update(" ".join(options).encode())
    # Clones of the project may share what they remember: paths are counted from the root.
    digest.update(entry["command"].replace(str(ROOT), "").encode())
    for file in dependencies:
        digest.update((Path(entry["directory"]) / file).read_bytes())
    return digest.hexdigest()


def tidy_file(entry: dict, options: list[str]) -> str:
    """clang-tidy's complaints about one entry of the compilation database."""
    command = shlex.split(entry["command"])
    listed = subprocess.run(
        [*command[: command.index("-o")], "-MM", entry["file"]],
        cwd=entry["directory"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.replace("\\\n", " ")
    headers = listed.split(":", 1)[1].split()
    stamp = PASSED / tidy_digest(entry, headers, options)
    deep = PASSED / tidy_digest(entry, headers, [])
    if stamp.exists() or deep.exists():
        return ""
    complaints = run("clang-tidy", "--quiet", "-p", str(BUILD), *options, entry["file"])
    if not complaints:
        stamp.touch()
    return complaints


def tidy_all(options: list[str]) -> str:
    PASSED.mkdir(parents=True, exist_ok=True)
    entries = json.loads((BUILD / "compile_commands.json").read_text())
    sources = {e["file"]: e for e in entries if "/src/" in e["file"]}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return "".join(pool.map(lambda e: tidy_file(e, options), sources.values()))


def check_tidy() -> str:
    words = "-Xclang", "-analyzer-config", "-Xclang", STATES
    return tidy_all([f"--extra-arg={word}" for word in words])


def check_deep() -> str:
    return tidy_all([])


CHECKS = {
    "layers": check_layers,
    "ops": check_ops,
    "pages": check_pages,
    "banned": check_banned,
    "format": check_format,
    "shell": check_shell,
    "ruff": check_ruff,
    "tidy": check_tidy,
}
NAMED_ONLY = {"deep": check_deep}


def main(names: list[str]) -> int:
    failed = 0
    for name in names or CHECKS:
        start = time.monotonic()
        complaints = (CHECKS | NAMED_ONLY)[name]()
        failed += bool(complaints)
        verdict = "FAILED" if complaints else "ok"
        print(
            f"lint {name:8} {verdict:6} {time.monotonic() - start:6.1f} s", flush=True
        )
        if complaints:
            print(complaints.rstrip())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
