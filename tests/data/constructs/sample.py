#!/usr/bin/env python3
"""Docs of the module."""
from __future__ import annotations
import os, sys as system, a.b.c
from .price import (Price as P, rate,
                    other)
from x import *
T: TypeVar = TypeVar("T")
MAX = 8; a, (b, *c) = 1, (2, 3)
type Alias[T] = list[T]

@decorator(1)
@other.thing
class Cart(Base[T], Mixin, metaclass=Meta):
    """What somebody buys."""
    items: list[Item] = field(default_factory=list)
    __slots__ = ("a",)

    def __init__(self, name: str = "x", /, *args: int, key=None, **kwargs) -> None:
        super().__init__(name)
        self.name: Optional[str] = name; self.price = Price(1)
        self.a.b, self.c = 1, 2

    @property
    async def total(self):
        async with lock as held, open("x") as (y, z):
            async for item in self.items: await item.price()
        return sum(i.price for i in self.items if i if not None)[1:2, ...]

    @staticmethod
    def make(): return Cart("x").total.real()

def main(argv: dict[str, int] | None, callback: Callable[[int], str]):
    global MAX
    def inner(x=lambda y, *z: y): nonlocal argv; yield from x
    try:
        assert (n := len(argv)) > 1, f"{n!r:>{8}} {'x'} \N{DASH}"
    except* (ValueError, TypeError) as e: raise Error("x") from e
    else: pass
    finally: del argv[0]
    match argv:
        case {"x": Point(x=0) as p, **rest} | [1, *_] if p: print(p)
        case _: return
    while True:
        if a < b <= c: break
        elif not a: continue
        else: exec("x = 1")
    return {**argv, "a": [x for x in y]}, {1, 2}, b"\x00" rb"y", 1_0.5j, a if b else c
if __name__ == "__main__": main(sys.argv, callback=print)
