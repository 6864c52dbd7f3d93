"""The association's public data as its notice prints it: before a row exists, and where no database may be asked."""

DEFAULTS: dict[str, str] = {
    "name": "青海省质量管理协会",
    "office": "青海省质量管理协会秘书处",
    "phone": "0971-6137890",
    "email": "qhzhixie@163.com",
    "address": "西宁市城西区海湖新区安泰大厦西座 604 室",
}
