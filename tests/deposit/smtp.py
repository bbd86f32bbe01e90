"""A mail server that keeps what it is given, or says that it can't."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from email.message import EmailMessage


class Mailbox(socketserver.ThreadingTCPServer):
    """``mails``, in the order in which they came; while ``refusing``, every sender is told to come back later."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Sender)
        self.mails: list[EmailMessage] = []
        self.asked = 0
        self.refusing = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def server_close(self) -> None:
        self.shutdown()  # on a closed socket its loop would turn for ever
        super().server_close()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class _Sender(socketserver.StreamRequestHandler):
    server: Mailbox  # pyright: ignore[reportIncompatibleVariableOverride]

    def handle(self) -> None:
        self._say("220 essai")
        for line in self.rfile:
            word = line[:4].upper()
            if word == b"DATA":
                self._take()
            elif word == b"QUIT":
                self._say("221 au revoir")
                return
            elif word == b"MAIL" and self.server.refusing:
                self.server.asked += 1
                self._say("451 plus tard")
            else:
                self._say("250 bien")

    def _take(self) -> None:
        self._say("354 dites")
        lines: list[bytes] = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.server.asked += 1
        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.server.mails.append(message)
        self._say("250 bien")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
