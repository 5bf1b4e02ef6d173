"""Compares many random programs with CPython: python tests/py/fuzz_language.py --count 20000

Prints what differs, made smaller, and the share that was refused. Each program has a seed;
`--only SEED` runs one again."""

import argparse
import collections
import gc
import os
import random
import re
import signal
import sys
import tempfile
import time


def parse():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--count", type=int, default=1000)
    p.add_argument("--seed", type=int, default=0, help="of the first program")
    p.add_argument("--only", type=int, help="one program, printed")
    p.add_argument(
        "--pool", action="store_true", help="on ranks instead of in this process"
    )
    p.add_argument("--wide", action="store_true", help="programs of program_wide.py")
    p.add_argument("--size", type=int, default=14, help="statements of a program")
    p.add_argument("--stop", type=int, default=20, help="after so many that differ")
    p.add_argument("--all", action="store_true", help="what looks like one seen too")
    p.add_argument("--verbose", action="store_true", help="print what is refused")
    return p.parse_args()


def main() -> int:
    opt = parse()
    os.environ["SHOAL_CACHE_DIR"] = tempfile.mkdtemp()
    os.environ.setdefault("SHOAL_CACHE", "0")
    from program_gen import program
    from program_run import DIFFERENT, REFUSED, compare, smaller
    from program_wide import wide_program

    flags = {} if opt.pool else {"distributed": False}

    class Stuck(BaseException):
        """A program takes longer than 20 s of processor time, or two minutes."""

    def stuck(*_):
        raise Stuck(f"seed {seed}")

    signal.signal(signal.SIGALRM, stuck)
    signal.signal(signal.SIGPROF, stuck)

    def watch(on=True):
        signal.setitimer(signal.ITIMER_PROF, 20 if on else 0)
        signal.alarm(120 if on else 0)

    count, reasons, seen = collections.Counter(), collections.Counter(), set()
    seeds = (
        [opt.only] if opt.only is not None else range(opt.seed, opt.seed + opt.count)
    )
    gc.freeze()  # what was imported is not looked through again and again
    began = time.monotonic()
    for seed in seeds:
        make = wide_program if opt.wide else program
        p = make(random.Random(seed).randrange, opt.size)
        if opt.only is not None:
            print(p)
        watch()
        try:
            v = compare(p, **flags)
        except Stuck:
            watch(False)
            count["stuck"] += 1
            print(f"== seed {seed} took longer than 20 s", flush=True)
            continue
        count[v.kind] += 1
        if v.kind == REFUSED:
            first = v.text.split("\n")[0]
            reasons[first[:90]] += 1
            if opt.verbose:
                print(f"-- refused, seed {seed}: {v.text}")
        if v.kind == DIFFERENT:

            def still(q, v=v):
                watch()
                try:
                    w = compare(q, **flags)
                except (Stuck, AttributeError):  # a class lost what it prints
                    return False
                return (
                    w.kind == DIFFERENT
                    and w.text.split("instead")[0][-30:]
                    == v.text.split("instead")[0][-30:]
                )

            key = re.sub(
                r"\d+|'[^']*'|<[^>]*>", "", v.text.split(": ", 1)[-1].split("\\n")[0]
            )[:60]
            if key not in seen or opt.all:
                seen.add(key)
                q = smaller(p, still)
                watch()
                text = compare(q, **flags).text
                print(f"== seed {seed}{q}{text}\n", flush=True)
            if len(seen) >= opt.stop:
                break
        watch(False)
    n = sum(count.values())
    print(f"{n} programs in {time.monotonic() - began:.0f} s: {dict(count)}")
    print(f"refused: {count[REFUSED] / max(n, 1):.1%}")
    for text, k in reasons.most_common(40):
        print(f"{k:6} {text}")
    return 1 if count[DIFFERENT] else 0


if __name__ == "__main__":
    sys.exit(main())
