"""The one source of chance of the demo data: everything follows from the seed and the day."""

import random
import uuid
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from applications import codes


class Source:
    """Named streams of chance, so that more rows in one area change nothing in another."""

    def __init__(self, seed: int, today: date) -> None:
        self.seed = seed
        self.today = today
        self.midnight = timezone.make_aware(datetime.combine(today, time.min))
        self._streams: dict[str, random.Random] = {}

    def stream(self, name: str) -> random.Random:
        if name not in self._streams:
            self._streams[name] = random.Random(f"{self.seed}:{self.today}:{name}")
        return self._streams[name]

    def uuid(self, stream: str = "uuid") -> uuid.UUID:
        return uuid.UUID(int=self.stream(stream).getrandbits(128), version=4)

    def code(self, stream: str = "code") -> str:
        bits = self.stream(stream).getrandbits(5 * codes.CODE_LENGTH)
        return "".join(codes.ALPHABET[bits >> 5 * place & 31] for place in range(codes.CODE_LENGTH))

    def salt(self, stream: str = "salt") -> str:
        return f"{self.stream(stream).getrandbits(256):064x}"

    def day(self, days: int) -> datetime:
        """00:00 of the day ``days`` from today."""
        return self.midnight + timedelta(days=days)

    def between(self, start: datetime, end: datetime, stream: str) -> datetime:
        """A moment of a working hour in [start, end), to the second."""
        chance = self.stream(stream)
        moment = start + timedelta(seconds=int((end - start).total_seconds() * chance.random()))
        local = timezone.localtime(moment).replace(
            hour=chance.randrange(8, 20), minute=chance.randrange(60), second=chance.randrange(60), microsecond=0
        )
        return min(max(local, start), end - timedelta(seconds=1))
