"""A small server process that takes errands over a line of JSON, to be killed at any moment.

``python -m minka.bench.window URL`` reads the field secret from its input, prints its port, and
serves until it dies. It answers an errand only after the desk has committed it.
"""

from __future__ import annotations

import json
import socket
import socketserver
import sys
from typing import Any

from minka.bench.errands import BrokenOffError, Errand, Told, carry_out, told
from minka.bench.scratch import scratch_office
from minka.desk.office import Office
from minka.store.connection import Register, RegisterAway


class _Caller(socketserver.StreamRequestHandler):
    """One client's connection: one errand a line, one answer a line."""

    office: Office

    def handle(self) -> None:
        """Serve a client until it hangs up or the register is away."""
        for line in self.rfile:
            errand = Errand(**json.loads(line))
            try:
                answer = told(carry_out(self.office, errand))
            except RegisterAway:
                return
            words = json.dumps({"code": answer.code, "mark": answer.mark})
            self.wfile.write(words.encode() + b"\n")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class FarWindow:
    """The client's end of the line."""

    def __init__(self, port: int) -> None:
        self._line = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._answers = self._line.makefile("rb")

    def take(self, errand: Errand) -> Told:
        """See ``errands.Window.take``."""
        named: dict[str, Any] = {name: getattr(errand, name) for name in Errand.__slots__}
        try:
            self._line.sendall(json.dumps(named).encode() + b"\n")
            said = self._answers.readline()
        except OSError as fault:
            raise BrokenOffError from fault
        if not said.endswith(b"\n"):
            raise BrokenOffError
        return Told(**json.loads(said))

    def close(self) -> None:
        """See ``errands.Window.close``."""
        self._answers.close()
        self._line.close()


def serve(url: str, secret: bytes) -> None:
    """Take errands for ever on a free port of the loopback address, which is printed."""
    register = Register(url, size=8, wait_s=5)
    _Caller.office = scratch_office(register, secret)
    _Caller.office.book()
    with _Server(("127.0.0.1", 0), _Caller) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    serve(sys.argv[1], bytes.fromhex(sys.stdin.readline().strip()))
