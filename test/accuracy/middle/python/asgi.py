"""FastAPI on asyncio: one call to the backend and, where there is a database, one statement (aiomysql).

/a/ID  by httpx
/h/ID  by aiohttp
/t/ID  a plain def handler, which Starlette runs in a thread (requests, no statement)
"""
import asyncio
import contextlib
import os

import aiohttp
import aiomysql
import fastapi
import httpx
import requests

import background

BACKEND, DATABASE = os.environ["BACKEND"], os.environ.get("DATABASE")
state = {}


def same(who, got, ident):
    if got != ident:
        raise RuntimeError(f"{who} answered {got!r}, want {ident!r}")


async def by_httpx(url):
    return (await state["httpx"].get(url)).text.strip()


async def by_aiohttp(url):
    async with state["aiohttp"].get(url) as response:
        return (await response.text()).strip()


async def both(get, ident):
    same("backend", await get(f"{BACKEND}/b/{ident}"), ident)
    if DATABASE:
        async with state["database"].acquire() as connection, connection.cursor() as cursor:
            await cursor.execute(f"SELECT '{ident}'")
            same("database", (await cursor.fetchone())[0], ident)
    return {"middle": ident}


@contextlib.asynccontextmanager
async def lifespan(_):
    state["httpx"] = httpx.AsyncClient(timeout=20)
    state["aiohttp"] = aiohttp.ClientSession()
    if DATABASE:
        state["database"] = await aiomysql.create_pool(host=DATABASE, user="root", autocommit=True, minsize=1, maxsize=32)
    state["background"] = asyncio.create_task(background.task(by_httpx))
    yield


app = fastapi.FastAPI(lifespan=lifespan)
session = requests.Session()
session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=64))


@app.get("/a/{ident}")
async def a(ident: str):
    return await both(by_httpx, ident)


@app.get("/h/{ident}")
async def h(ident: str):
    return await both(by_aiohttp, ident)


@app.get("/t/{ident}")
def t(ident: str):
    same("backend", session.get(f"{BACKEND}/b/{ident}", timeout=20).text.strip(), ident)
    return {"middle": ident}
