"""Checks of what people type: credit codes, phones, names. Pure Python; ValueError carries the Chinese message."""

import re
import unicodedata

# GB 32100-2015: no I, O, S, V, Z.
CREDIT_CODE_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_CODE_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
MOBILE = re.compile(r"^1[3-9]\d{9}$")
LANDLINE = re.compile(r"^0\d{2,3}-?\d{7,8}(-\d{1,6})?$")


def normalise_credit_code(typed: str) -> str:
    """Half-width, upper case, without spaces and dashes: what people paste becomes what the licence says."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", typed)).upper()


def credit_code_check_char(first17: str) -> str:
    """The 18th character of a 统一社会信用代码 (GB 32100-2015): (31 - sum mod 31) mod 31."""
    total = sum(
        CREDIT_CODE_CHARS.index(char) * weight for char, weight in zip(first17, CREDIT_CODE_WEIGHTS, strict=True)
    )
    return CREDIT_CODE_CHARS[(31 - total % 31) % 31]


def check_credit_code(code: str) -> None:
    """Raises ValueError unless ``code`` (normalised) has 18 allowed characters and the right check character."""
    if len(code) != 18:
        raise ValueError(f"统一社会信用代码应为 18 位，现为 {len(code)} 位。")
    wrong = sorted({char for char in code if char not in CREDIT_CODE_CHARS})
    if wrong:
        raise ValueError(
            f"统一社会信用代码中不应出现“{'、'.join(wrong)}”（不使用 I、O、S、V、Z，请核对是否误为数字）。"
        )
    if credit_code_check_char(code[:17]) != code[17]:
        raise ValueError("统一社会信用代码校验不通过，请对照营业执照逐位核对。")


def needs_origin_explanation(code: str) -> bool:
    """True when the code is not of an enterprise (91) registered in Qinghai (63): asked about, never refused."""
    return not (code.startswith("91") and code[2:4] == "63")


def check_phone(phone: str) -> None:
    """Raises ValueError unless ``phone`` is a mainland mobile number or a landline with area code."""
    if not (MOBILE.match(phone) or LANDLINE.match(phone)):
        raise ValueError("请填写 11 位手机号码，或带区号的固定电话，例如 0971-6137890。")


def normalise_phone(typed: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", typed)).replace("—", "-").replace("–", "-")


PERSON_NAME = re.compile(r"^[^\d\s<>@#$%^&*/\\|]{1,49}[^\d\s<>@#$%^&*/\\|]$")


def check_person_name(name: str) -> None:
    """2-50 characters, middle dots allowed (才让·卓玛, 古丽娜·阿不都), no digits or signs."""
    if not PERSON_NAME.match(name):
        raise ValueError("姓名应为 2 至 50 个字，不含数字和符号（“·”除外）。")


def comparable_name(name: str) -> str:
    """A unit's name for comparison: full-width and half-width brackets alike, no spaces."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", name)).lower()
