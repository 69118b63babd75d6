# SPDX-License-Identifier: Apache-2.0
"""Just enough of the DevTools protocol, over the standard library, to open a page and ask it things."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
    "--remote-debugging-port=0", "--remote-allow-origins=*",
)  # fmt: skip


def find() -> str | None:
    """A Chromium on this machine."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Page:
    """A page open in a headless browser of its own."""

    def __init__(self, url: str, profile: Path, size: str = "1280,900") -> None:
        log = profile.with_suffix(".log")
        with log.open("w") as file:
            self.process = subprocess.Popen(
                [str(find()), *FLAGS, f"--window-size={size}", f"--user-data-dir={profile}", "about:blank"],
                stdout=subprocess.DEVNULL,
                stderr=file,
            )
        try:
            port = self._wait(lambda: re.search(r"ws://127\.0\.0\.1:(\d+)/", log.read_text()))[1]
            tabs = f"http://127.0.0.1:{port}/json"
            tab = self._wait(
                lambda: [t for t in json.load(urllib.request.urlopen(tabs)) if t["type"] == "page"]
            )[0]
            self.socket = socket.create_connection(("127.0.0.1", int(port)), timeout=60)
            self._handshake(tab["webSocketDebuggerUrl"])
            self.events: list[dict[str, Any]] = []
            self.count = 0
            for domain in ("Runtime", "Log", "Page"):
                self.call(f"{domain}.enable")
            self.call("Page.navigate", url=url)
        except BaseException:
            self.process.kill()
            raise

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command and its result; events that arrive meanwhile are kept."""
        self.count += 1
        self._send(json.dumps({"id": self.count, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._receive())
            if message.get("id") == self.count:
                return message["result"]
            self.events.append(message)

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def until(self, expression: str, seconds: float = 30) -> Any:
        """Wait for an expression to be true."""
        return self._wait(lambda: self.evaluate(expression), seconds)

    def complaints(self) -> list[str]:
        """Exceptions, console errors and warnings, and failed loads."""
        out = []
        for e in self.events:
            p = e.get("params", {})
            bad = e["method"] == "Runtime.exceptionThrown"
            bad |= e["method"] == "Runtime.consoleAPICalled" and p["type"] in ("error", "warning", "assert")
            bad |= e["method"] == "Log.entryAdded" and p["entry"]["level"] in ("error", "warning")
            if bad:
                out.append(json.dumps(p)[:300])
        return out

    def close(self) -> None:
        """End the browser."""
        self.process.terminate()
        self.process.wait(20)

    @staticmethod
    def _wait(condition: Any, seconds: float = 60) -> Any:
        end = time.monotonic() + seconds
        while not (found := condition()):
            if time.monotonic() > end:
                raise TimeoutError("the browser did not get there")
            time.sleep(0.1)
        return found

    def _handshake(self, url: str) -> None:
        path = "/" + url.split("/", 3)[3]
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.file = self.socket.makefile("rb")
        while self.file.readline().strip():
            pass

    def _send(self, text: str) -> None:
        data, mask = text.encode(), os.urandom(4)
        size = len(data)
        head = bytes([0x81, 0x80 | size]) if size < 126 else bytes([0x81, 0xFE]) + struct.pack(">H", size)
        self.socket.sendall(head + mask + bytes(b ^ mask[k % 4] for k, b in enumerate(data)))

    def _receive(self) -> bytes:
        whole = b""
        while True:
            first, size = self.file.read(2)
            if size == 126:
                size = struct.unpack(">H", self.file.read(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self.file.read(8))[0]
            whole += self.file.read(size)
            if first & 0x80:
                return whole
