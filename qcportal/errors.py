"""What a user can cause. Every message is a Chinese sentence meant for that user."""


class Refusal(Exception):
    """An action was refused. ``code`` names the reason for programs, ``message`` for people."""

    def __init__(self, message: str, code: str = "refused") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class NotAllowed(Refusal):
    """The person may see the object but not do this (HTTP 403)."""

    def __init__(self, message: str = "您没有进行此项操作的权限。") -> None:
        super().__init__(message, "not_allowed")


class StaleState(Refusal):
    """Someone else changed the object first."""

    def __init__(self, message: str = "该记录刚刚被他人处理过，请刷新页面后再试。") -> None:
        super().__init__(message, "stale")


class NotAccepted(ValueError):
    """A file that is not taken, whoever sends it and whenever. The text is a sentence for the person."""
