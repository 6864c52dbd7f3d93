"""发件箱, 信函文本 and 发送规则 on the staff site. Importing registers them."""

from qcportal.mail_admin import outbox, rules, texts

__all__ = ["outbox", "rules", "texts"]
