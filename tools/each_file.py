"""Runs test files one by one, each with a log of its own, and says how each ended.

    each_file.py LOGS [--at-once N] [--seconds S] PATH... [-- PYTEST ARGUMENTS]

For runs that take hours (sanitizers, the verifier): what was cut off leaves its evidence,
a file that hangs is ended after S seconds, and what passed with this build is not run
again: LOGS/<file>.ok is newer than the tests and all that was built. Reports of
sanitizers, of any process of a file, are LOGS/<file>.report.*
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_files(paths: list[str]) -> list[Path]:
    """The test files in these folders, and those named."""
    found = []
    for path in map(Path, paths):
        found += sorted(path.rglob("test_*.py")) if path.is_dir() else [path]
    return found


def newest_input() -> float:
    """When something changed last that a test's outcome depends on."""
    build = Path(os.environ.get("SHOAL_BUILD", ROOT / "build/release"))
    inputs = [*build.glob("python/shoal/*.so"), *build.glob("tests/t_*")]
    for folder in "python/shoal", "tests":
        inputs += (ROOT / folder).rglob("*.py")
    return max(path.stat().st_mtime for path in inputs)


def run(file: Path, logs: Path, seconds: int, extra: list[str]) -> tuple[str, float]:
    """How the tests of one file ended, in a word or pytest's last line, and after how long."""
    stem = logs / str(file).replace("/", ".").removesuffix(".py")
    for old in logs.glob(stem.name + ".*"):
        old.unlink()
    env = dict(os.environ)
    for name in "ASAN_OPTIONS", "UBSAN_OPTIONS":
        env[name] = f"{env.get(name, '')}:log_path={stem}.report"
    start = time.monotonic()
    with open(f"{stem}.log", "w") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-rfE", *extra, str(file)],
            stdout=log, stderr=subprocess.STDOUT, env=env, start_new_session=True,
        )  # fmt: skip
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return f"CUT OFF after {seconds} s", seconds
    took = time.monotonic() - start
    lines = Path(f"{stem}.log").read_text(errors="replace").strip().splitlines()
    last = lines[-1].strip("= ") if lines else f"exit status {code}"
    reports = list(logs.glob(stem.name + ".report.*"))
    if reports:
        return f"REPORT {reports[0].name}, {len(reports)} in all; {last}", took
    if code not in (0, 5):  # 5: no test was chosen
        return f"FAILED: {last}", took
    Path(f"{stem}.ok").touch()
    return last, took


def main() -> int:
    ours, theirs = sys.argv[1:], []
    if "--" in ours:
        at = ours.index("--")
        ours, theirs = ours[:at], ours[at + 1 :]
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("logs", type=Path)
    parser.add_argument("--at-once", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=int, default=1800)
    parser.add_argument("paths", nargs="+")
    args = parser.parse_args(ours)
    args.logs.mkdir(parents=True, exist_ok=True)
    newest, bad = newest_input(), 0

    def one(file: Path) -> tuple[str, float]:
        done = args.logs / (str(file).replace("/", ".").removesuffix(".py") + ".ok")
        if done.exists() and done.stat().st_mtime > newest:
            return "passed before", 0
        return run(file, args.logs.resolve(), args.seconds, theirs)

    files = test_files(args.paths)
    with ThreadPoolExecutor(args.at_once) as at_once:
        for file, (how, took) in zip(files, at_once.map(one, files), strict=True):
            bad += how.startswith(("CUT OFF", "REPORT", "FAILED"))
            print(f"{file}: {how} [{took:.0f} s]", flush=True)
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
