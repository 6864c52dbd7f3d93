"""The people who can log in: one password for all, hashed once (Argon2 costs a fifth of a second each)."""

from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from applications.models import Association, Consent, Enterprise, Membership
from qcportal import env
from qcportal.demo import people
from qcportal.demo.enterprises import OWNER_NAMES, Company
from qcportal.demo.source import Source
from qcportal.models import User
from qcportal.roles import Role

DEFAULT_PASSWORD = "Qinghai-2026"  # noqa: S105 -- the published demo password, refused in production


class Login(NamedTuple):
    username: str
    name: str
    role: str
    label: str


STAFF = (
    Login("demo-secretary", "陈雪梅", Role.SECRETARIAT, "秘书处"),
    Login("demo-desk", "周会务", Role.EVENT_STAFF, "会务"),
    Login("demo-auditor", "赵守正", Role.AUDITOR, "审计员"),
    Login("demo-recommender", "冶玉珍", Role.RECOMMENDER, "推荐单位（海西蒙古族藏族自治州总工会）"),
    Login("demo-lead", "胡志强", Role.LEAD_JUDGE, "评审组长"),
    *(
        Login(f"demo-judge-{number}", name, Role.JUDGE, "评委")
        for number, name in enumerate(("林晓燕", "何永祥", "扎西多杰", "马晓梅", "刘堃", "乌兰图雅", "韩建业"), 1)
    ),
    Login("demo-secretary-2", "林秀兰", Role.SECRETARIAT, "秘书处的同事"),
)
ENTERPRISE_LOGINS = ("demo-enterprise", "demo-enterprise-2")
CLERK = "demo-clerk"


class Logins:
    """Makes users in order, all with the same hash."""

    def __init__(self, source: Source) -> None:
        self.password = password()
        self._source = source
        self._hash = make_password(self.password, salt=source.salt()[:22])
        self._serial = 0

    def user(self, username: str, name: str, *, is_staff: bool = False, with_mobile: bool = True) -> User:
        self._serial += 1
        joined = self._source.day(-520)
        return User(
            username=username,
            name=name,
            email=f"{username}@qc.example",
            mobile=people.mobile(self._serial) if with_mobile else None,
            email_verified_at=joined,
            uuid=self._source.uuid("user"),
            password=self._hash,
            is_staff=is_staff,
            date_joined=joined,
        )

    def staff(self) -> dict[str, User]:
        """Secretariat, desk, auditor, recommender, judges: saved, in their groups."""
        users = [
            self.user(login.username, login.name, is_staff=login.role in (Role.SECRETARIAT, Role.AUDITOR))
            for login in STAFF
        ]
        User.objects.bulk_create(users)
        give_roles([(user, login.role) for user, login in zip(users, STAFF, strict=True)])
        lead = next(user for user in users if user.username == "demo-lead")
        give_roles([(lead, Role.JUDGE)])
        return {user.username: user for user in users}

    def owners(self, enterprises: list[Enterprise], companies: list[Company]) -> list[User]:
        """One owner for each enterprise; the first two are the demo logins."""
        chance = self._source.stream("owner")
        owners = []
        for place, company in enumerate(companies):
            username = ENTERPRISE_LOGINS[place] if place < len(ENTERPRISE_LOGINS) else f"owner-{company.domain}"
            name = OWNER_NAMES[place] if place < len(OWNER_NAMES) else people.any_name(chance)
            owners.append(self.user(username, name, with_mobile=place < 100))
        User.objects.bulk_create(owners, batch_size=500)
        Membership.objects.bulk_create(
            [
                Membership(enterprise=enterprise, user=owner, role="owner", created_at=enterprise.created_at)
                for enterprise, owner in zip(enterprises, owners, strict=True)
            ],
            batch_size=500,
        )
        Consent.objects.bulk_create(
            [agreed(owner, enterprise) for enterprise, owner in zip(enterprises, owners, strict=True)], batch_size=500
        )
        return owners

    def clerk(self, enterprise: Enterprise) -> User:
        clerk = self.user(CLERK, "李文静")
        clerk.save()
        Membership.objects.create(enterprise=enterprise, user=clerk, role="clerk", created_at=enterprise.created_at)
        agreed(clerk, enterprise).save()
        return clerk


def agreed(user: User, enterprise: Enterprise) -> Consent:
    """To the rules in force, as everybody does who registers."""
    version = Association().privacy_version
    return Consent(kind="privacy", version=version, user=user, enterprise=enterprise, at=enterprise.created_at)


def give_roles(pairs: list[tuple[User, str]]) -> None:
    groups = {group.name: group for group in Group.objects.all()}
    User.groups.through.objects.bulk_create(
        [User.groups.through(user_id=user.pk, group_id=groups[role].pk) for user, role in pairs], batch_size=500
    )


def password() -> str:
    return env.secret("QCPORTAL_DEMO_PASSWORD", DEFAULT_PASSWORD)


def listing() -> list[tuple[str, str]]:
    """Username and what it is for, as script/server prints them."""
    return [
        ("demo-enterprise", "申报单位负责人"),
        (CLERK, "同一单位的小组填报人"),
        ("demo-enterprise-2", "另一申报单位负责人"),
        *((login.username, login.label) for login in STAFF),
    ]
