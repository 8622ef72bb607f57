"""A client of Fillwire: stays connected, resumes without a gap, sends commands once. From docs/."""

import asyncio
import json
import random
import time
import urllib.error
import urllib.request
import uuid

import websockets

from view import VIEW_VERSION, empty_view, fold, hash_view, parse

SUBPROTOCOL = "fillwire.v1.json"
MAX_FRAME = 16 * 1024 * 1024
QUIET_S, DEAD_S = 12, 30  # then ping; then connect anew
REPLY_S = 15
HTTP_S = 60
REFRESH_AHEAD_S = 60


class Refused(Exception):
    """A request that was refused; `code` is one of docs/errors.md."""

    def __init__(self, error):
        super().__init__(f"{error['code']}: {error['message']}")
        self.code, self.retryable = error["code"], error["retryable"]
        self.details = error.get("details", {})


class LoggedOut(Exception):
    """The server wants a person, or a mended client."""


class Login:
    """Access and refresh token. HTTP is asked in a thread, so that the socket goes on meanwhile."""

    def __init__(self, server, email, password, device):
        self.server, self.email, self.password, self.device = server, email, password, device
        self.tokens, self.ends = {}, 0.0

    async def register(self):
        await self._credentials("register")

    async def token(self):
        """A token that is good for a while yet."""
        if time.monotonic() < self.ends - REFRESH_AHEAD_S:
            return self.tokens["access_token"]
        return await self.renew()

    async def renew(self):
        if "refresh_token" in self.tokens:
            try:
                await self._post("refresh", {"refresh_token": self.tokens["refresh_token"]})
                return self.tokens["access_token"]
            except Refused as refused:
                if refused.code != "unauthenticated":
                    raise
        await self._credentials("login")
        return self.tokens["access_token"]

    async def _credentials(self, route):
        await self._post(route, {"email": self.email, "password": self.password, "device": self.device})

    async def _post(self, route, body):
        self.tokens = await asyncio.to_thread(self._post_now, route, body)
        self.ends = time.monotonic() + self.tokens["expires_in"]
        self.device = {**self.device, "id": self.tokens["device_id"]}

    def _post_now(self, route, body):
        request = urllib.request.Request(
            f"{self.server}/auth/{route}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=HTTP_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(json.load(error)["error"]) from None


class Client:
    """The view of one desk, and requests. `run` connects until it is cancelled or logged out."""

    def __init__(self, login, on_change=lambda client: None):
        self.login, self.on_change = login, on_change
        self.view, self.epoch, self.seq = empty_view(), None, 0
        self.limits, self.ahead_ms = {}, 0  # the server's clock minus ours
        self.snapshots = self.resumes = self.frames = self.connections = 0
        self._socket, self._pending, self._heard = None, {}, 0.0
        self._live, self._joining, self._acked = asyncio.Event(), False, (0, 0.0)
        self._ended = None

    def hash(self):
        return hash_view(self.epoch, self.seq, self.view)

    def server_now(self):
        """Milliseconds on the server's clock."""
        return int(time.time() * 1000 + self.ahead_ms)

    async def request(self, op, args, **fields):
        """Asks until there is an answer: what was not answered is sent again, after a cut too, with the same id.

        After its `validUntil` as well: the answer is then the first one, or `expired`, and nothing was done.
        """
        while True:
            await self._live.wait()
            self._check()
            try:
                return await self._ask(op, args, **fields)
            except (OSError, asyncio.TimeoutError, websockets.ConnectionClosed):
                await asyncio.sleep(0.1)
            except Refused as refused:
                if not refused.retryable:
                    raise
                await asyncio.sleep(refused.details.get("retryAfterMs", 1000) / 1000)

    async def command(self, op, args):
        return await self.request(op, args, commandId=str(uuid.uuid4()))

    async def exposure(self, op, args):
        """A command that can add exposure: it must not run ten seconds from now."""
        fields = {"commandId": str(uuid.uuid4()), "validUntil": self.server_now() + 10_000}
        return await self.request(op, args, **fields)

    async def until(self, condition, seconds=300):
        """Waits until the view is as it should be."""
        ends = time.monotonic() + seconds
        while not (found := condition(self.view)):
            self._check()
            if time.monotonic() > ends:
                raise TimeoutError("the view never became so")
            await asyncio.sleep(0.02)
        return found

    async def prove(self):
        """Takes a snapshot beside the folded view: whether both have the server's hash, at the same place."""
        return await self._ask("subscribe", {"channels": ["desk"]}, took=self._compare)

    async def run(self):
        """Connects, and connects again. Ends with LoggedOut; whoever waits for an answer is told too."""
        try:
            await self._stay_connected()
        except LoggedOut as ended:
            self._ended = ended
            self._live.set()
            raise

    def _check(self):
        if self._ended is not None:
            raise self._ended

    async def _stay_connected(self):
        attempt = 0
        while True:
            began = time.monotonic()
            code = await self._connection()
            self._live.clear()
            self._fail_pending()
            if code in (4501, 4502):
                raise LoggedOut(f"closed with {code}")
            if code in (4001, 4500):
                await self._renewed()
            attempt = 0 if time.monotonic() - began > 10 else attempt + 1
            pause = random.random() * min(30, 0.5 * 2**attempt)
            await asyncio.sleep(pause + (1 if code in (4003, 4004) else 30 if code == 4503 else 0))

    async def _renewed(self):
        try:
            await self.login.renew()
        except Refused as refused:
            if refused.code == "unauthenticated":
                raise LoggedOut(str(refused)) from None
        except OSError:
            pass  # the server is away; the next attempt tries again

    async def _connection(self):
        """One connection, from its opening to its end. The close code, or None where there is none."""
        address = self.login.server.replace("http", "ws", 1) + "/ws"
        options = {"subprotocols": [SUBPROTOCOL], "max_size": MAX_FRAME, "ping_interval": None}
        tasks = []
        try:
            async with websockets.connect(address, open_timeout=10, **options) as socket:
                self._socket, self._heard = socket, time.monotonic()
                tasks = [asyncio.create_task(work) for work in (self._enter(), self._watch())]
                async for text in socket:
                    self._heard = time.monotonic()
                    self._receive(parse(text))
                return socket.close_code
        except websockets.ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None
        except (OSError, asyncio.TimeoutError, websockets.WebSocketException):
            return None
        finally:
            self._socket = None
            for task in tasks:
                task.cancel()

    async def _enter(self):
        """Authenticates and joins; what fails here ends the connection."""
        try:
            args = {"token": await self.login.token(), "viewVersion": VIEW_VERSION, "device": self.login.device}
            sent = time.time()
            welcome = await self._ask("session.authenticate", args)
            self.ahead_ms = welcome["serverTime"] - (sent + time.time()) * 500
            self.limits = welcome["limits"]
            self.connections += 1
            await self._join()
            self._live.set()
        except (Refused, OSError, asyncio.TimeoutError, websockets.ConnectionClosed):
            if self._socket is not None:
                await self._socket.close()

    async def _watch(self):
        """Acks, pings, token: what is due by time."""
        while True:
            await asyncio.sleep(0.25)
            quiet = time.monotonic() - self._heard
            if quiet > DEAD_S:
                await self._socket.close()
            if not self._live.is_set():
                continue
            try:
                if quiet > QUIET_S:
                    await self._ask("ping", {})
                if self.seq > self._acked[0] and time.monotonic() - self._acked[1] >= 1:
                    self._acked = (self.seq, time.monotonic())
                    await self._ask("ack", {"seq": self.seq})
                if time.monotonic() > self.login.ends - REFRESH_AHEAD_S:
                    await self._ask("session.refresh", {"token": await self.login.renew()})
            except (Refused, OSError, asyncio.TimeoutError, websockets.ConnectionClosed):
                pass

    async def _join(self):
        args = {"channels": ["desk"]}
        if self.epoch is not None:
            args["since"] = {"epoch": self.epoch, "seq": self.seq}
        await self._ask("subscribe", args, took=self._take_join)

    def _ask(self, op, args, took=lambda result: result, **fields):
        """Sends a request. `took` sees the result before anything that comes after it."""
        ident = str(uuid.uuid4())
        answer = asyncio.get_running_loop().create_future()
        self._pending[ident] = (answer, took)
        return self._answer(ident, answer, {"id": ident, "op": op, "args": args, **fields})

    async def _answer(self, ident, answer, request):
        try:
            if self._socket is None:
                raise ConnectionError("not connected")
            await self._socket.send(json.dumps(request))
            return await asyncio.wait_for(answer, REPLY_S)
        finally:
            self._pending.pop(ident, None)

    def _fail_pending(self):
        for answer, _ in self._pending.values():
            if not answer.done():
                answer.set_exception(ConnectionError("the connection was cut"))

    def _receive(self, message):
        if "id" in message:
            answer, took = self._pending.get(message["id"], (None, None))
            if answer is None or answer.done():
                return
            if message["ok"]:
                answer.set_result(took(message["result"]))
            else:
                answer.set_exception(Refused(message["error"]))
        elif message["ch"] == "desk":
            self._frame(message)

    def _frame(self, frame):
        if frame["epoch"] != self.epoch:
            self.epoch, self.seq = None, 0
            self._rejoin()
        elif frame["seq"] > self.seq + (0 if frame["kind"] == "head" else 1):
            self._rejoin()
        elif frame["kind"] != "head" and frame["seq"] == self.seq + 1:
            self._take(frame)
            self.on_change(self)

    def _take(self, frame):
        fold(self.view, frame)
        self.seq = frame["seq"]
        self.frames += 1

    def _take_join(self, result):
        desk = result["desk"]
        if desk["recovered"]:
            for frame in desk["frames"]:
                self._take(frame)
            self.resumes += 1
        else:
            self.view, self.epoch, self.seq = desk["snapshot"], desk["at"]["epoch"], desk["at"]["seq"]
            self.snapshots += 1
            if self.hash() != desk["hash"]:
                raise SystemExit("the snapshot has another hash than its view")
        if (self.epoch, self.seq) != (desk["at"]["epoch"], desk["at"]["seq"]):
            raise SystemExit("a join that does not lead to where it says")
        self.on_change(self)

    def _compare(self, result):
        desk = result["desk"]
        here = desk["at"] == {"epoch": self.epoch, "seq": self.seq}
        return here and self.hash() == desk["hash"]

    def _rejoin(self):
        """Asks for what was missed, a second after the last time at the earliest."""
        if self._joining:
            return
        self._joining = True

        async def later():
            try:
                await self._join()
            except (Refused, OSError, asyncio.TimeoutError, websockets.ConnectionClosed):
                pass
            await asyncio.sleep(1)
            self._joining = False

        asyncio.create_task(later())
