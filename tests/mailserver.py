"""A small SMTP server for tests: notes what it accepted, and can refuse, hang up or wait where a test says so.

Run as a module it serves until killed, and writes each accepted mail to a folder: for tests with processes of their
own (``python -m tests.mailserver FOLDER``; the port is in FOLDER/port).
"""

import asyncio
import sys
import threading
from pathlib import Path


class MailServer:
    """``answers``: what is said instead of "250" to a command, such as {"RCPT": "550 5.1.1 no such user"}.

    ``after_data``: "accept"; "hang up" (takes the mail, then closes without an answer); "wait" (takes the mail and
    says nothing until released).
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.accepted: list[bytes] = []
        self.answers: dict[str, str] = {}
        self.after_data = "accept"
        self.folder = folder
        self.port = 0

    async def serve(self, started) -> None:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        started()
        async with server:
            await server.serve_forever()

    async def _talk(self, reader, writer) -> None:
        try:
            await self._conversation(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _conversation(self, reader, writer) -> None:
        writer.write(b"220 test\r\n")
        while line := await reader.readline():
            verb = line.decode().strip().upper()[:4]
            if verb in self.answers:
                writer.write(f"{self.answers[verb]}\r\n".encode())
            elif verb == "DATA":
                writer.write(b"354 go on\r\n")
                await self._take(await reader.readuntil(b"\r\n.\r\n"))
                if self.after_data == "hang up":
                    return
                if self.after_data == "wait":
                    await asyncio.sleep(600)
                writer.write(b"250 taken\r\n")
            elif verb == "QUIT":
                writer.write(b"221 bye\r\n")
                return
            else:
                writer.write(b"250 ok\r\n")
            await writer.drain()

    async def _take(self, text: bytes) -> None:
        self.accepted.append(text)
        if self.folder is not None:
            (self.folder / f"{len(self.accepted)}.eml").write_bytes(text)


class InThread:
    """The server in a thread of the test's own process."""

    def __enter__(self) -> MailServer:
        self.loop, self.server, started = asyncio.new_event_loop(), MailServer(), threading.Event()
        self.thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self.thread.start()
        started.wait(10)
        return self.server

    def _run(self, started) -> None:
        asyncio.set_event_loop(self.loop)
        self.task = self.loop.create_task(self.server.serve(started.set))
        try:
            self.loop.run_until_complete(self.task)
        except asyncio.CancelledError:
            rest = asyncio.all_tasks(self.loop)
            for task in rest:
                task.cancel()
            self.loop.run_until_complete(asyncio.gather(*rest, return_exceptions=True))
        finally:
            self.loop.close()

    def __exit__(self, *_error) -> None:
        self.loop.call_soon_threadsafe(self.task.cancel)
        self.thread.join(10)


def main() -> None:
    folder = Path(sys.argv[1])
    server = MailServer(folder)
    server.after_data = sys.argv[2]
    asyncio.run(server.serve(lambda: (folder / "port").write_text(str(server.port))))


if __name__ == "__main__":
    main()
