"""A desk's view: folded from frames, hashed as the server hashes it. From docs/resume.md."""

import hashlib
import json
import re

VIEW_VERSION = 1
MAPS = ("accounts", "limits", "bots", "orders", "positions", "alerts")
KEPT = {"fills": 200, "closedOrders": 200, "trades": 100, "emergencies": 5}
CLOSED = {"filled", "cancelled", "rejected", "abandoned"}

BOT = {"BotCreated", "BotUpdated", "BotStateChanged", "BotNote"}
ORDER = {"OrderSubmitted", "OrderAccepted", "OrderUpdated", "OrderCancelled", "OrderRejected", "OrderUnknown"}
POSITION = {"PositionChanged", "StopPlaced", "StopReplaced", "StopTriggered", "StopFailed", "Unprotected"}
ACCOUNT = {"AccountChanged", "BalanceChanged", "LatchReleased", "ForeignActivity", "ForeignResolved"}


class NumberText(str):
    """A number with a point or an exponent, as the server wrote it: its text is what is hashed."""


def parse(text):
    """JSON whose numbers keep their text."""
    return json.loads(text, parse_float=NumberText)


def empty_view():
    return {**{name: {} for name in MAPS}, **{name: [] for name in KEPT}}


def fold(view, frame):
    """Folds the next frame into a view. A kind it does not know changes nothing."""
    kind, data = frame["kind"], frame["data"]
    if kind in BOT:
        view["bots"][data["bot"]["botId"]] = data["bot"]
    elif kind == "BotDeleted":
        view["bots"].pop(data["botId"], None)
    elif kind in ORDER:
        _put_order(view, data["order"])
    elif kind == "FillRecorded":
        _append(view, "fills", data["fill"])
    elif kind in POSITION:
        _put_position(view, data["position"])
        if data.get("trade") is not None:
            _append(view, "trades", data["trade"])
    elif kind in ACCOUNT:
        account = data["account"]
        if account["status"] == "removed":
            view["accounts"].pop(account["accountId"], None)
            view["limits"].pop(account["accountId"], None)
        else:
            view["accounts"][account["accountId"]] = account
    elif kind in ("LimitChanged", "LimitBreached"):
        view["limits"][data["limits"]["accountId"]] = data["limits"]
    elif kind in ("EmergencyStage", "EmergencyReceipt"):
        _replace_or_append(view, "emergencies", "emergencyId", data["emergency"])
    elif kind == "AlertRaised":
        view["alerts"][data["alert"]["alertId"]] = data["alert"]
    elif kind == "AlertResolved":
        view["alerts"].pop(data["alertId"], None)


def _append(view, name, item):
    view[name].append(item)
    del view[name][: -KEPT[name]]


def _replace_or_append(view, name, key, item):
    for at, known in enumerate(view[name]):
        if known[key] == item[key]:
            view[name][at] = item
            return
    _append(view, name, item)


def _put_order(view, order):
    if order["status"] in CLOSED:
        view["orders"].pop(order["orderId"], None)
        _replace_or_append(view, "closedOrders", "orderId", order)
    else:
        view["orders"][order["orderId"]] = order
        view["closedOrders"][:] = [one for one in view["closedOrders"] if one["orderId"] != order["orderId"]]


def _put_position(view, position):
    key = f"{position['accountId']}:{position['symbol']}"
    if position["size"] == "0":
        view["positions"].pop(key, None)
    else:
        view["positions"][key] = position


def canonical(value):
    """JSON without spaces, keys by UTF-16 code unit, strings and numbers as JavaScript writes them."""
    if isinstance(value, NumberText):
        return str(value)
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    text = json.dumps(value, ensure_ascii=False)
    return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half.group()):04x}", text)


def hash_view(epoch, seq, view):
    hashed = canonical({"epoch": epoch, "seq": seq, "view": view, "viewVersion": VIEW_VERSION})
    return hashlib.sha256(hashed.encode()).hexdigest()
