"""One call to the backend and, where there is a database, one statement (aiomysql), by aiohttp's server
and client."""
import asyncio
import os

import aiohttp
import aiohttp.web
import aiomysql

import background

BACKEND, DATABASE = os.environ["BACKEND"], os.environ.get("DATABASE")


async def get(url):
    async with app["http"].get(url) as response:
        return (await response.text()).strip()


async def statement(ident):
    async with app["database"].acquire() as connection, connection.cursor() as cursor:
        await cursor.execute(f"SELECT '{ident}'")
        return (await cursor.fetchone())[0]


def same(who, got, ident):
    if got != ident:
        raise RuntimeError(f"{who} answered {got!r}, want {ident!r}")


async def a(request):
    ident = request.match_info["ident"]
    same("backend", await get(f"{BACKEND}/b/{ident}"), ident)
    if DATABASE:
        same("database", await statement(ident), ident)
    return aiohttp.web.Response(text=f"middle {ident}\n")


async def start(app):
    app["http"] = aiohttp.ClientSession()
    if DATABASE:
        app["database"] = await aiomysql.create_pool(host=DATABASE, user="root", autocommit=True, minsize=1, maxsize=32)
    app["background"] = asyncio.create_task(background.task(get))


app = aiohttp.web.Application()
app.router.add_get("/a/{ident}", a)
app.on_startup.append(start)
aiohttp.web.run_app(app, host="0.0.0.0", port=8080, access_log=None)
