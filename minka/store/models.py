"""Reference data that clerks maintain: places, banks, employers, kiosks, and who works where."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Bank(models.Model):
    """A bank that serves cards and stops its own part of one (服务银行)."""

    bank_id = models.CharField("银行编号", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=80)
    name_en = models.CharField("英文名称", max_length=120, blank=True)
    phone = models.CharField("客服电话", max_length=20)
    endpoint = models.URLField("止付接口", blank=True)
    lapse_days = models.PositiveSmallIntegerField("本行挂失天数", null=True, blank=True)

    class Meta:
        db_table = "bank"
        ordering = ("bank_id",)
        verbose_name = verbose_name_plural = "银行"

    def __str__(self) -> str:
        return self.name


class Employer(models.Model):
    """An employer whose clerk may report for the people insured through it (单位)."""

    employer_id = models.CharField("单位编号", max_length=20, primary_key=True)
    region = models.CharField("统筹区", max_length=12)
    name = models.CharField("名称", max_length=120)
    uscc = models.CharField("统一社会信用代码", max_length=18, blank=True)

    class Meta:
        db_table = "employer"
        ordering = ("employer_id",)
        verbose_name = verbose_name_plural = "单位"

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """Where a person can go: agency, service point, hospital, bank branch (网点)."""

    KINDS = (
        ("service_point", "社会保障卡服务网点"),
        ("agency", "社保经办机构"),
        ("service_centre", "社保服务中心"),
        ("city_centre", "市医保中心"),
        ("district_centre", "区县医保中心"),
        ("street_centre", "街道劳动保障服务中心"),
        ("district_subcentre", "社保分中心"),
        ("contribution_counter", "征收窗口"),
        ("medical_office", "医保处"),
        ("hospital", "定点医疗机构"),
        ("pharmacy", "定点药店"),
        ("service_bank", "服务银行网点"),
        ("old_service_bank", "原服务银行网点"),
        ("boc_savings_office", "中国银行储蓄所"),
        ("boc_retail_dept", "中国银行零售业务部"),
        ("bank", "银行网点"),
    )
    place_id = models.CharField("网点编号", max_length=20, primary_key=True)
    region = models.CharField("统筹区", max_length=12)
    kind = models.CharField("类型", max_length=24, choices=KINDS)
    name = models.CharField("名称", max_length=120)
    name_en = models.CharField("英文名称", max_length=160, blank=True)
    district = models.CharField("区县", max_length=40)
    address = models.CharField("地址", max_length=200)
    phone = models.CharField("电话", max_length=20, blank=True)
    hours = models.CharField("办公时间", max_length=120)
    services = models.CharField("可办业务", max_length=200, blank=True)
    directions = models.CharField("怎么走", max_length=200, blank=True)
    hospital_class = models.PositiveSmallIntegerField("医院等级", null=True, blank=True)
    bank = models.ForeignKey(Bank, models.PROTECT, null=True, blank=True)
    longitude = models.DecimalField("经度", max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField("纬度", max_digits=9, decimal_places=6, null=True, blank=True)
    open_from = models.DateField("启用日期", null=True, blank=True)
    open_until = models.DateField("停用日期", null=True, blank=True)

    class Meta:
        db_table = "place"
        ordering = ("place_id",)
        verbose_name = verbose_name_plural = "网点"
        indexes = (models.Index(fields=("region", "kind"), name="place_region_kind"),)

    def __str__(self) -> str:
        return self.name


class Kiosk(models.Model):
    """A registered self-service terminal and where it stands (自助终端)."""

    kiosk_id = models.CharField("终端编号", max_length=20, primary_key=True)
    place = models.ForeignKey(Place, models.PROTECT)
    active = models.BooleanField("在用", default=True)

    class Meta:
        db_table = "kiosk"
        ordering = ("kiosk_id",)
        verbose_name = verbose_name_plural = "自助终端"

    def __str__(self) -> str:
        return self.kiosk_id


class Operator(models.Model):
    """What a logged-in member of staff may do, and for which region, place, bank or employer."""

    ROLES = (
        ("hotline_agent", "热线坐席"),
        ("counter_clerk", "窗口经办"),
        ("medical_staff", "医保工作人员"),
        ("bank_clerk", "银行经办"),
        ("employer_clerk", "单位经办人"),
        ("reviewer", "复核人员"),
        ("factory", "制卡中心"),
        ("reference_clerk", "基础数据维护"),
        ("key_keeper", "密钥管理员"),
        ("key_custodian", "密钥分管人"),
        ("security_administrator", "安全管理员"),
        ("auditor", "审计员"),
    )
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="operator")
    staff_number = models.CharField("工号", max_length=20, unique=True)
    role = models.CharField("角色", max_length=24, choices=ROLES)
    region = models.CharField("统筹区", max_length=12)
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True)
    bank = models.ForeignKey(Bank, models.PROTECT, null=True, blank=True)
    employer = models.ForeignKey(Employer, models.PROTECT, null=True, blank=True)
    person_id = models.BigIntegerField("本人", null=True, blank=True)
    valid_until = models.DateField("有效期至", null=True, blank=True)

    class Meta:
        db_table = "operator"
        ordering = ("staff_number",)
        verbose_name = verbose_name_plural = "经办人员"

    def __str__(self) -> str:
        return self.staff_number


class ApiClient(models.Model):
    """A partner's program that asks the API: what it may do, and for whom (接口调用方)."""

    client_id = models.CharField("调用方编号", max_length=40, primary_key=True)
    name = models.CharField("名称", max_length=120)
    secret_hash = models.BinaryField("令牌摘要", max_length=32)
    scopes = models.TextField("权限", help_text="以空格分开")
    regions = models.TextField("统筹区", blank=True, help_text="以空格分开")
    role = models.CharField("岗位", max_length=24, choices=Operator.ROLES, blank=True)
    staff_number = models.CharField("本人工号", max_length=20, blank=True)
    employer = models.ForeignKey(Employer, models.PROTECT, null=True, blank=True)
    bank = models.ForeignKey(Bank, models.PROTECT, null=True, blank=True)
    place = models.ForeignKey(Place, models.PROTECT, null=True, blank=True)
    active = models.BooleanField("在用", default=True)

    class Meta:
        db_table = "api_client"
        ordering = ("client_id",)
        verbose_name = verbose_name_plural = "接口调用方"

    def __str__(self) -> str:
        return self.name
