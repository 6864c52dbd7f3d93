"""Rights that several actions of judging share."""

from qcportal.errors import NotAllowed
from qcportal.models import User
from qcportal.roles import Role, has_role


def require_secretariat(actor: User) -> None:
    """Refused (NotAllowed) for everybody but the secretariat: auditors look, judges judge."""
    if not has_role(actor, Role.SECRETARIAT):
        raise NotAllowed("只有秘书处可以进行此项操作。")
