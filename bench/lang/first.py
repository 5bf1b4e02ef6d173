"""The first call of one loop in a new process.

    python -m bench.lang.first LOOP ENGINE [--warm-up]

Prints seconds of the first call and of a warm one as JSON. With --warm-up the engine has
compiled another function before: what it does once in a process is not counted.
"""

import argparse
import json
from time import process_time

import numpy as np

from bench.lang import engines
from bench.lang.cases import LOOPS


def start(engine: str) -> None:
    def tiny(x):
        return x + 1

    if engine == "numba":
        import numba

        numba.njit(tiny)(1)
    else:
        import shoal

        shoal.jit(distributed=False)(tiny)(1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("loop")
    parser.add_argument("engine", choices=("shoal", "numba"))
    parser.add_argument("--warm-up", action="store_true")
    wanted = parser.parse_args()
    loop = next(one for one in LOOPS if one.name == wanted.loop)
    __import__(wanted.engine)
    if wanted.warm_up:
        start(wanted.engine)
    function = getattr(engines, f"{wanted.engine}_function")(loop)
    seconds = []
    for seed in range(4):
        args = loop.make(np.random.default_rng(seed), int(loop.sizes[1]))
        begin = process_time()
        function(*args)
        seconds.append(process_time() - begin)
    print(json.dumps({"first": seconds[0], "warm": min(seconds[1:])}))


if __name__ == "__main__":
    main()
