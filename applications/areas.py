"""What the characters of a 统一社会信用代码 say in words (GB 32100-2015): who registered what, and where. Pure."""

from types import MappingProxyType
from typing import NamedTuple

from applications import regions, validators

DEPARTMENTS = MappingProxyType(
    {
        "1": "机构编制", "2": "外交", "3": "司法行政", "4": "文化", "5": "民政", "6": "旅游", "7": "宗教",
        "8": "工会", "9": "市场监督管理（工商）", "A": "中央军委改革和编制办公室", "N": "农业农村", "Y": "其他",
    }
)  # fmt: skip
KINDS_OF_BUSINESS = MappingProxyType({"1": "企业", "2": "个体工商户", "3": "农民专业合作社"})
PROVINCES = MappingProxyType(
    {
        "10": "国家级登记机关", "11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区",
        "21": "辽宁省", "22": "吉林省", "23": "黑龙江省", "31": "上海市", "32": "江苏省", "33": "浙江省",
        "34": "安徽省", "35": "福建省", "36": "江西省", "37": "山东省", "41": "河南省", "42": "湖北省",
        "43": "湖南省", "44": "广东省", "45": "广西壮族自治区", "46": "海南省", "50": "重庆市", "51": "四川省",
        "52": "贵州省", "53": "云南省", "54": "西藏自治区", "61": "陕西省", "62": "甘肃省", "63": "青海省",
        "64": "宁夏回族自治区", "65": "新疆维吾尔自治区",
    }
)  # fmt: skip


class CreditCode(NamedTuple):
    """One code, taken apart."""

    code: str
    department: str
    kind: str
    area: str
    in_qinghai: bool
    is_enterprise: bool
    is_valid: bool

    @property
    def grouped(self) -> list[tuple[str, str]]:
        """The pieces as they stand in the code, each with what it says."""
        return [
            (self.code[0:1], self.department),
            (self.code[1:2], self.kind),
            (self.code[2:8], self.area),
            (self.code[8:17], "主体标识码"),
            (self.code[17:18], "校验码，" + ("正确" if self.is_valid else "不正确")),
        ]


def read(code: str) -> CreditCode:
    """Never fails: what is not known is called so."""
    try:
        validators.check_credit_code(code)
        is_valid = True
    except ValueError:
        is_valid = False
    business = code[:1] == "9"
    kind = KINDS_OF_BUSINESS.get(code[1:2], "其他") if business else "非工商登记的机构"
    province = PROVINCES.get(code[2:4], f"未知登记地（{code[2:4]}）")
    city = regions.CITIES.get(regions.city_of_credit_code(code), "")
    return CreditCode(
        code,
        DEPARTMENTS.get(code[:1], "未知登记部门"),
        kind,
        f"{province}{city}",
        code[2:4] == "63",
        code[:2] == "91",
        is_valid,
    )
