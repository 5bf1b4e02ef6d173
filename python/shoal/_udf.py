"""pandas' protocol for functions of rows and elements: df.apply(f, axis=1, engine=shoal.jit),
s.map(f, engine=shoal.jit(distributed=False)).

pandas hands the frame or Series over; the whole call is compiled."""

import functools


@functools.lru_cache(maxsize=128)
def _applied(decorator, func, axis, named):
    kwargs = dict(named)

    def run(data, args):
        return data.apply(func, axis=axis, args=args, **kwargs)

    return decorator(run)


@functools.lru_cache(maxsize=128)
def _mapped(decorator, func):
    def run(data):
        return data.map(func)

    return decorator(run)


def _plain(func):
    """A decorated function is compiled with the call."""
    return getattr(func, "py_func", func)


def _beside(data, result):
    """In SPMD, what stands beside rows that every rank has all of is not a chunk."""
    from ._chunks import mark_of
    from ._spmd import allgatherv

    return allgatherv(result) if mark_of(result) and not mark_of(data) else result


class Engine:
    """What pandas asks of jit.__pandas_udf__."""

    @staticmethod
    def apply(data, func, args, kwargs, decorator, axis):
        run = _applied(decorator, _plain(func), axis, tuple(kwargs.items()))
        return _beside(data, run(data, tuple(args or ())))

    @staticmethod
    def map(data, func, args, kwargs, decorator, skip_na):
        if skip_na or args or kwargs:
            from ._errors import UnsupportedError

            raise UnsupportedError(
                "map(engine=shoal.jit) takes no na_action='ignore' and no further arguments"
            )
        return _beside(data, _mapped(decorator, _plain(func))(data))
