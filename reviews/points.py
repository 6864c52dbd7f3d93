"""What a judge may enter for one item. Pure Python; used by the form and again by the action."""

from decimal import Decimal, InvalidOperation


def plain(value: Decimal) -> str:
    """15, 0.5: without needless zeros."""
    return f"{value.normalize():f}"


def parse(typed: str) -> Decimal | None:
    """None for an empty field. Raises ValueError for anything that is no number; full-width digits are read."""
    text = typed.strip().replace("．", ".").replace("。", ".")
    if not text or text in {"—", "-"}:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError("请填写数字，例如 13.5。") from None
    if not value.is_finite():
        raise ValueError("请填写数字，例如 13.5。")
    return value


def problem(points: Decimal, maximum: Decimal, step: Decimal) -> str:
    """Why ``points`` cannot stand, or "": outside 0..maximum, or not on the step."""
    if points < 0 or points > maximum:
        return f"应在 0 至 {plain(maximum)} 分之间，现填 {plain(points)}。"
    if points % step:
        return f"应以 {plain(step)} 分为一档，现填 {plain(points)}。"
    return ""
