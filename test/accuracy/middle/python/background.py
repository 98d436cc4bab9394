"""Calls to the backend that belong to no request."""
import asyncio
import os
import random
import threading
import time
import urllib.request

EVERY = float(os.environ.get("BACKGROUND", "0ms").removesuffix("ms")) / 1000
paths = (f"{os.environ['BACKEND']}/background/{os.getpid()}-{i}" for i in range(10**9))


def pause():
    return EVERY * (0.5 + random.random())


def thread(get=lambda url: urllib.request.urlopen(url).read()):
    """Calls from a thread of its own, as long as the process lives."""

    def run():
        while True:
            time.sleep(pause())
            get(next(paths))

    if EVERY:
        threading.Thread(target=run, daemon=True).start()


async def task(get):
    """Calls from the event loop."""
    while EVERY:
        await asyncio.sleep(pause())
        await get(next(paths))
