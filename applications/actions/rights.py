"""Who may act for an enterprise or for the association; asked inside the transaction."""

from applications.models import Application, Membership
from qcportal.errors import NotAllowed
from qcportal.models import User
from qcportal.roles import Role, has_role


def require_manager(application: Application, actor: User) -> None:
    """Owner and 质量主管 submit; a 填报人 does not (design, section 2)."""
    if not Membership.objects.managing().filter(enterprise=application.enterprise_id, user=actor).exists():
        raise NotAllowed("只有单位负责人或质量主管可以提交，请联系他们核对并提交。")


def require_secretariat(actor: User) -> None:
    if not has_role(actor, Role.SECRETARIAT):
        raise NotAllowed
