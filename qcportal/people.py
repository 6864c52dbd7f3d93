"""What people may change about themselves."""

from allauth.account.models import EmailAddress
from django.db import transaction

from qcportal import audit
from qcportal.errors import Refusal
from qcportal.models import User


def change_profile(*, actor: User, name: str, mobile: str, email: str) -> User:
    """The actor's name, mobile number and e-mail address are as given. A new address counts as unverified.

    Refused when another person has the number or the address: both are ways to log in.
    """
    mobile, email = mobile.strip(), email.strip()
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=actor.pk)
        others = User.objects.exclude(pk=user.pk)
        if mobile and (others.filter(mobile=mobile).exists() or others.filter(username=mobile).exists()):
            raise Refusal("该手机号码已被其他用户使用。", "mobile_taken")
        if email and others.filter(email__iexact=email).exists():
            raise Refusal("该邮箱已被其他用户使用。", "email_taken")
        new = {"name": name.strip(), "mobile": mobile or None, "email": email}
        changed = [field for field, value in new.items() if (getattr(user, field) or "") != (value or "")]
        if not changed:
            return user
        for field in changed:
            setattr(user, field, new[field])
        if "email" in changed:
            user.email_verified_at = None
            # A reset link must not go to an address that was given up.
            EmailAddress.objects.filter(user=user).delete()
        user.save(update_fields=[*changed, "email_verified_at"])
        # Names of fields only: the values are personal data (audit.record).
        audit.record("user.profile_changed", user, actor=actor, fields=changed)
    return user
