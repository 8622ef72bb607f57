"""Places and cancels orders while the server and the line come and go, and proves that it missed nothing.

usage: python3 trade.py SERVER [ROUNDS]     SERVER such as http://127.0.0.1:8710

Without ROUNDS it goes on until you press Enter. Each round places a limit order well below the market, waits until it works, and cancels it. Prints one JSON object a line.
"""

import asyncio
import json
import sys
import threading
import uuid
from decimal import ROUND_DOWN, Decimal

from client import Client, Login, Refused

SYMBOL = "BTCUSDT"
CLOSED = {"filled", "cancelled", "rejected", "abandoned"}


def say(**what):
    print(json.dumps(what), flush=True)


async def price_below(client, percent):
    """Of the last closed bar, on the tick: exact, since money is."""
    instruments = (await client.request("market.instruments", {"venue": "sim"}))["instruments"]
    tick = Decimal(next(one["tickSize"] for one in instruments if one["symbol"] == SYMBOL))
    args = {"venue": "sim", "symbol": SYMBOL, "interval": "1m", "limit": 1}
    close = Decimal((await client.request("market.candles", args))["candles"][-1]["close"])
    price = close * (100 - percent) / 100
    return str((price / tick).to_integral_value(ROUND_DOWN) * tick)


async def place(client, account_id):
    """An order that the server has written down. After a start prices are stale for a moment: that is no reason to stop."""
    while True:
        order = {"accountId": account_id, "symbol": SYMBOL, "side": "buy", "type": "limit", "size": "0.01"}
        try:
            price = await price_below(client, 4)
            return (await client.exposure("orders.submit", {**order, "price": price}))["orderId"]
        except Refused as refused:
            if refused.code not in ("denied", "expired"):
                raise
            say(refused=refused.code, limit=[denial["limit"] for denial in refused.details.get("denials", [])])
            await asyncio.sleep(0.5)


def order_of(view, order_id):
    """The order as it is: working, or ended."""
    ended = (one for one in view["closedOrders"] if one["orderId"] == order_id)
    return view["orders"].get(order_id) or next(ended, None)


async def round_of(client, account_id):
    order_id = await place(client, account_id)
    working = ("open", "partially_filled")
    order = await client.until(
        lambda view: (one := order_of(view, order_id)) and one["status"] in {*working, *CLOSED} and one
    )
    if order["status"] in working:
        try:
            await client.command("orders.cancel", {"orderId": order_id})
        except Refused as refused:
            if refused.code != "not_found":  # it ended by itself meanwhile
                raise
    return await client.until(
        lambda view: (one := order_of(view, order_id)) and one["status"] in CLOSED and one
    )


def enter_pressed():
    """Set once Enter is pressed. A daemon reads: whatever ends the program need not wait for a line."""
    pressed = threading.Event()

    def read():
        sys.stdin.readline()
        pressed.set()

    threading.Thread(target=read, daemon=True).start()
    return pressed


async def main(server, rounds):
    name = uuid.uuid4().hex
    device = {"id": f"python-{name}", "name": "Python example", "kind": "program"}
    login = Login(server, f"{name}@example.com", "correct horse battery staple", device)
    await login.register()
    say(user=login.tokens["user_id"])
    client = Client(login)
    running = asyncio.create_task(client.run())
    account_id = await client.until(
        lambda view: next((a["accountId"] for a in view["accounts"].values() if a["status"] == "ready"), None)
    )
    enter = enter_pressed() if rounds is None else None
    number = 0
    while not enter.is_set() if rounds is None else number < rounds:
        number += 1
        order = await round_of(client, account_id)
        say(round=number, order=order["orderId"], ended=order["status"], connections=client.connections)
    while not await client.prove():
        await asyncio.sleep(0.2)
    say(
        done=True,
        epoch=client.epoch,
        seq=client.seq,
        hash=client.hash(),
        connections=client.connections,
        snapshots=client.snapshots,
        resumes=client.resumes,
        frames=client.frames,
    )
    running.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None))
