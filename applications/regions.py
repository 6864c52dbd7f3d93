"""Qinghai's divisions by the area digits of a credit code (domain.md 5.2). Pure Python."""

from types import MappingProxyType

CITIES = MappingProxyType(
    {
        "6301": "西宁市",
        "6302": "海东市",
        "6322": "海北藏族自治州",
        "6323": "黄南藏族自治州",
        "6325": "海南藏族自治州",
        "6326": "果洛藏族自治州",
        "6327": "玉树藏族自治州",
        "6328": "海西蒙古族藏族自治州",
    }
)
# As people say them, where a chart has no room: 海西州.
SHORT = MappingProxyType({code: f"{name[:2]}州" if name.endswith("自治州") else name for code, name in CITIES.items()})
CHOICES = [(code, name) for code, name in CITIES.items()]


def city_of_credit_code(code: str) -> str:
    """The four-digit city prefix for a prefill, or "" (provincial office, other provinces, old 海东 codes 6321)."""
    prefix = code[2:6]
    if prefix == "6321":
        return "6302"
    return prefix if prefix in CITIES else ""
