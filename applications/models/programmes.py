"""The year's programme: rounds and deadlines, calendar, special awards, recommending units."""

from datetime import datetime, timedelta
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from applications.field_list import FieldList
from qcportal.clock import half_open_label
from qcportal.models import User


class ProgrammeQuerySet(models.QuerySet["Programme"]):
    def published(self) -> "ProgrammeQuerySet":
        return self.filter(is_published=True)


class Programme(models.Model):
    """年度活动. ``data_year`` is the year that attachments 2 and 3 report on (notice, section 3)."""

    year = models.PositiveIntegerField("年度", unique=True)
    edition = models.PositiveIntegerField("届次（第几次）")
    data_year = models.PositiveIntegerField("总结与统计年度")
    title = models.CharField("名称", max_length=100)
    notice_number = models.CharField("文号", max_length=60, blank=True)
    notice_date = models.DateField("通知日期", null=True, blank=True)
    intro = models.TextField("简介", blank=True)
    correction_workdays = models.PositiveSmallIntegerField(
        "补正期限（工作日）", default=5, help_text="退回补正时的默认期限，逐件可改"
    )
    announcement_workdays = models.PositiveSmallIntegerField("公示期限（工作日）", default=5)
    paper_workdays = models.PositiveSmallIntegerField(
        "纸质材料期限（工作日）", default=5, help_text="网上提交截止后几个工作日内寄达或交邮"
    )
    # What differs from the portal's own list of fields (applications.field_list); changed by actions.field_rules alone.
    field_rules = models.JSONField(default=dict, blank=True, editable=False)
    is_published = models.BooleanField("对外公布", default=True)
    correction_limit = models.PositiveSmallIntegerField(
        "退回补正次数上限", default=3, help_text="每项申报最多退回几次；超过时必须写明理由"
    )
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        verbose_name = "年度活动"
        verbose_name_plural = "年度活动"
        ordering = ["-year"]

    def __str__(self) -> str:
        return f"{self.year} 年度"

    def clean(self) -> None:
        if self.year and self.data_year and self.data_year > self.year:
            raise ValidationError({"data_year": "总结与统计年度不应晚于活动年度。"})
        for name in ("correction_workdays", "announcement_workdays", "paper_workdays"):
            days = getattr(self, name)
            if days is not None and not 1 <= days <= 60:
                raise ValidationError({name: "请填 1 至 60 个工作日。"})

    @property
    def hosts(self) -> list[str]:
        """Uses a prefetch of ``host_rows`` where there is one."""
        return [row.name for row in self.host_rows.all()]

    @cached_property
    def fields(self) -> FieldList:
        """The fields of the attachments as this year wants them. Asks nothing: the rules lie on the row itself."""
        return FieldList(self.field_rules)


class JointHost(models.Model):
    """联合主办单位, in the order of the notice."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="host_rows", verbose_name="年度活动")
    position = models.PositiveSmallIntegerField("次序", default=1)
    name = models.CharField("单位名称", max_length=100)
    on_certificate = models.BooleanField("印在证书上", default=True)

    class Meta:
        verbose_name = "联合主办单位"
        verbose_name_plural = "联合主办单位"
        ordering = ["programme", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "name"], name="host_unique", violation_error_message="这个单位已在名单中。"
            )
        ]

    def __str__(self) -> str:
        return self.name


class RoundQuerySet(models.QuerySet["Round"]):
    def published(self) -> "RoundQuerySet":
        return self.filter(programme__is_published=True).select_related("programme")

    def open_at(self, at: datetime) -> "RoundQuerySet":
        """Rounds open for filing, the one that closes first in front."""
        return self.published().filter(opens_at__lte=at, closes_at__gt=at).order_by("closes_at")

    def upcoming(self, at: datetime) -> "RoundQuerySet":
        return self.published().filter(opens_at__gt=at).order_by("opens_at")


class Round(models.Model):
    """期. Moments are half-open: ``closes_at`` is the first one that is too late; 24:00 is the next day 00:00."""

    NUMBERS = ((1, "第一期"), (2, "第二期"))

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="rounds", verbose_name="年度活动")
    number = models.PositiveSmallIntegerField("期次", choices=NUMBERS)
    opens_at = models.DateTimeField("开放时间")
    closes_at = models.DateTimeField("网上提交截止", help_text="截止到某日 24:00 时填写次日 00:00")
    stamped_due_at = models.DateTimeField("盖章扫描件截止", help_text="同上")
    paper_due_at = models.DateTimeField("纸质材料截止", help_text="寄达或邮戳日期；同上")
    email_still_required = models.BooleanField("仍须另发电子邮件", default=False)
    event_month = models.CharField("发布会时间说明", max_length=50, blank=True)
    closed_at = models.DateTimeField("系统关闭处理时间", null=True, editable=False)
    file_number_counter = models.PositiveIntegerField(default=0, editable=False)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = "期"
        verbose_name_plural = "期"
        ordering = ["programme__year", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "number"], name="round_unique", violation_error_message="该年度已有这一期。"
            ),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at")), name="round_opens_before_it_closes",
                violation_error_message="开放时间应早于截止时间。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.programme.year} 年{self.label}"

    @property
    def label(self) -> str:
        return "第一期" if self.number == 1 else "第二期"

    @property
    def slug(self) -> str:
        return f"{self.programme.year}-{self.number}"

    @property
    def closes_label(self) -> str:
        return half_open_label(self.closes_at)

    @property
    def paper_due_label(self) -> str:
        return half_open_label(self.paper_due_at)

    @property
    def stamped_due_label(self) -> str:
        return half_open_label(self.stamped_due_at)

    def is_open(self, at: datetime) -> bool:
        return self.opens_at <= at < self.closes_at

    def clean(self) -> None:
        """Dates are checked against each other and against the sister round of the year."""
        errors: dict[str, str] = {}
        if self.opens_at and self.closes_at and self.opens_at >= self.closes_at:
            errors["closes_at"] = "截止时间应晚于开放时间。"
        for name, label in (("stamped_due_at", "盖章扫描件截止"), ("paper_due_at", "纸质材料截止")):
            due = getattr(self, name)
            if due and self.closes_at and due < self.closes_at:
                errors[name] = f"{label}不应早于网上提交截止。"
        if self.programme_id and self.number and self.closes_at:
            sister = Round.objects.filter(programme_id=self.programme_id).exclude(number=self.number).first()
            if sister and (sister.closes_at < self.closes_at) != (sister.number < self.number):
                errors["closes_at"] = f"两期的先后次序不符：{sister.label}于{sister.closes_label}截止。"
        if errors:
            raise ValidationError(errors)

    def deadline_for(self, enterprise_id: int | None) -> datetime:
        """The moment from which this enterprise is too late: the round's close, or the latest extension."""
        extensions = [
            extension.new_deadline
            for extension in self.extensions.all()
            if extension.enterprise_id in (None, enterprise_id)
        ]
        return max([self.closes_at, *extensions])


class Extension(models.Model):
    """延期: a new deadline for the whole round or for one enterprise, never an edited one."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="extensions", verbose_name="期")
    enterprise = models.ForeignKey(
        "applications.Enterprise", models.PROTECT, null=True, blank=True, related_name="extensions",
        verbose_name="申报单位", help_text="留空表示整期延期",
    )  # fmt: skip
    new_deadline = models.DateTimeField("新的截止时间")
    reason = models.TextField("理由", max_length=500)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="批准人", editable=False)
    created_at = models.DateTimeField("批准时间", editable=False)

    class Meta:
        verbose_name = "延期"
        verbose_name_plural = "延期"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.round} 延至 {half_open_label(self.new_deadline)}"

    def clean(self) -> None:
        if self.round_id and self.new_deadline and self.new_deadline <= self.round.closes_at:
            raise ValidationError({"new_deadline": f"新的截止时间应晚于原截止时间 {self.round.closes_label}。"})


class CalendarEntry(models.Model):
    """A line of the year's calendar: trainings, presentation events, conferences."""

    class Kind(models.TextChoices):
        TRAINING = "training", "培训"
        REVIEWER_TRAINING = "reviewer_training", "评审培训"
        EVENT = "event", "交流发布"
        OTHER = "other", "其他"

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="calendar", verbose_name="年度活动")
    kind = models.CharField("类别", max_length=20, choices=Kind.choices)
    title = models.CharField("事项", max_length=100)
    audience = models.CharField("参与对象", max_length=200, blank=True)
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    date_is_month_only = models.BooleanField("只公布到月份", default=False)
    place = models.CharField("地点", max_length=100, blank=True)

    class Meta:
        verbose_name = "日历事项"
        verbose_name_plural = "日历事项"
        ordering = ["starts_on", "id"]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": "结束日期不应早于开始日期。"})


class SpecialAward(models.Model):
    """单项奖: decided separately from the same filings (notice, section 1, item 5). Names are data."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="special_awards", verbose_name="年度活动")
    code = models.SlugField("代码", max_length=30)
    name = models.CharField("名称", max_length=60)
    eligibility = models.TextField("申报条件", blank=True)
    position = models.PositiveSmallIntegerField("次序", default=1)

    class Meta:
        verbose_name = "单项奖"
        verbose_name_plural = "单项奖"
        ordering = ["programme", "position"]
        constraints = [models.UniqueConstraint(fields=["programme", "code"], name="special_award_unique")]

    def __str__(self) -> str:
        return self.name


class AwardLevel(models.Model):
    """奖项等级: names and order are data; how results reach a level is decided when awards are made."""

    programme = models.ForeignKey(Programme, models.CASCADE, related_name="award_levels", verbose_name="年度活动")
    position = models.PositiveSmallIntegerField("次序", default=1, help_text="1 为最高")
    name = models.CharField("等级名称", max_length=30)
    wording = models.CharField("证书用语", max_length=100, blank=True, help_text="留空时证书上用等级名称")

    class Meta:
        verbose_name = "奖项等级"
        verbose_name_plural = "奖项等级"
        ordering = ["programme", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "name"], name="award_level_unique", violation_error_message="已有同名的等级。"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def on_certificate(self) -> str:
        return self.wording or self.name


class RecommendingUnit(models.Model):
    """推荐单位: a city, prefecture or trade association; choosing one is optional."""

    name = models.CharField("名称", max_length=100, unique=True)
    is_active = models.BooleanField("可选", default=True)
    position = models.PositiveSmallIntegerField("次序", default=100)

    class Meta:
        verbose_name = "推荐单位"
        verbose_name_plural = "推荐单位"
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class WorkdayException(models.Model):
    """A day that the calendar library gets wrong or does not know: staff decide."""

    day = models.DateField("日期", unique=True)
    is_workday = models.BooleanField("是工作日")
    note = models.CharField("说明", max_length=100, blank=True)

    class Meta:
        verbose_name = "工作日例外"
        verbose_name_plural = "工作日例外"
        ordering = ["-day"]

    def __str__(self) -> str:
        return f"{self.day} {'上班' if self.is_workday else '放假'}"


def day_end(year: int, month: int, day: int) -> datetime:
    """24:00 of a day in the portal's zone, as stored: the next day 00:00."""
    return datetime(year, month, day, tzinfo=timezone.get_default_timezone()) + timedelta(days=1)
