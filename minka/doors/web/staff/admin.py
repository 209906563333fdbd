"""Reference data in Django's back office: three posts, each with its own data and no other.

| post | sees and changes |
|---|---|
| reference_clerk | banks, employers, places, terminals; csv in and out |
| security_administrator | log-ins, who works where, partners of the API; never his own row |
| auditor | reads all of these, changes nothing |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.http import HttpRequest
from import_export.admin import ImportExportModelAdmin
from import_export.formats.base_formats import CSV
from import_export.resources import ModelResource

from minka.doors.web.staff.who import used_second_factor
from minka.store.models import ApiClient, Bank, Employer, Kiosk, Operator, Place

if TYPE_CHECKING:
    AnyAdmin: TypeAlias = admin.ModelAdmin[Any]
    AnyUserAdmin: TypeAlias = UserAdmin[User]
else:
    AnyAdmin, AnyUserAdmin = admin.ModelAdmin, UserAdmin

admin.site.site_header = admin.site.site_title = "民卡基础数据"
admin.site.index_title = "基础数据"
admin.site.enable_nav_sidebar = False
admin.site.unregister(Group)
admin.site.unregister(User)

KEEPER, GUARD, READER = "reference_clerk", "security_administrator", "auditor"


def post_of(request: HttpRequest) -> str:
    """The role of who is logged in with both factors; empty for anyone else."""
    operator = getattr(request.user, "operator", None)
    if not request.user.is_authenticated or operator is None:
        return ""
    return str(operator.role) if used_second_factor(request) else ""


class ByPost(AnyAdmin):
    """Rights by the post of the operator and by nothing else; a superuser has no more."""

    post: ClassVar[str] = KEEPER

    def has_module_permission(self, request: HttpRequest) -> bool:
        """The post itself, and the auditor."""
        return post_of(request) in (self.post, READER)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The post itself, and the auditor."""
        return post_of(request) in (self.post, READER)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The post itself."""
        return post_of(request) == self.post

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The post itself, but nobody changes his own row."""
        return post_of(request) == self.post and not _is_own(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: what was on file stays readable; it is closed by its date or switched off."""
        return False

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Files come in by the post itself."""
        return post_of(request) == self.post

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Files go out to whoever may read."""
        return post_of(request) in (self.post, READER)


def _is_own(request: HttpRequest, obj: Any) -> bool:
    if isinstance(obj, Operator):
        return bool(obj.user_id == request.user.pk)
    return isinstance(obj, User) and obj.pk == request.user.pk


class Exchanged(ByPost, ImportExportModelAdmin):  # type: ignore[misc]
    """Data that comes and goes as csv, each import shown before it is done."""

    formats: ClassVar[list[type]] = [CSV]
    show_change_form_export = False

    def get_import_formats(self) -> list[type]:
        """Csv."""
        return self.formats

    def get_export_formats(self) -> list[type]:
        """Csv."""
        return self.formats


def _resource(kind: type[Model], key: str) -> type[ModelResource]:
    """How rows of a file meet rows on file: by their own number; a bad row stops nothing else."""
    meta = type(
        "Meta",
        (),
        {
            "model": kind,
            "import_id_fields": (key,),
            "skip_unchanged": True,
            "clean_model_instances": True,
        },
    )
    return type(f"{kind.__name__}Resource", (ModelResource,), {"Meta": meta})


@admin.register(Bank)
class BankAdmin(Exchanged):
    """Banks, their telephone and the days of their own part."""

    resource_classes: ClassVar = [_resource(Bank, "bank_id")]
    list_display = ("bank_id", "name", "phone", "lapse_days")
    search_fields = ("bank_id", "name")


@admin.register(Employer)
class EmployerAdmin(Exchanged):
    """Employers of a city."""

    resource_classes: ClassVar = [_resource(Employer, "employer_id")]
    list_display = ("employer_id", "name", "region", "uscc")
    list_filter = ("region",)
    search_fields = ("employer_id", "name", "uscc")


@admin.register(Place)
class PlaceAdmin(Exchanged):
    """Places with the dates from which and until which they are open."""

    resource_classes: ClassVar = [_resource(Place, "place_id")]
    list_display = (
        "place_id",
        "name",
        "kind",
        "district",
        "hospital_class",
        "open_from",
        "open_until",
    )
    list_filter = ("region", "kind", "open_until")
    search_fields = ("place_id", "name", "address")
    fieldsets = (
        (
            None,
            {"fields": ("place_id", "region", "kind", "name", "name_en", "hospital_class", "bank")},
        ),
        ("在哪里", {"fields": ("district", "address", "directions", "longitude", "latitude")}),
        ("什么时候", {"fields": ("hours", "phone", "services", "open_from", "open_until")}),
    )


@admin.register(Kiosk)
class KioskAdmin(Exchanged):
    """Terminals; a retired one is switched off, and its screen is a stranger at the next touch."""

    resource_classes: ClassVar = [_resource(Kiosk, "kiosk_id")]
    list_display = ("kiosk_id", "place", "active")
    list_filter = ("active", "place__region")
    search_fields = ("kiosk_id", "place__name")
    raw_id_fields = ("place",)


@admin.register(Operator)
class OperatorAdmin(ByPost):
    """Who works where, in which post, until when."""

    post: ClassVar[str] = GUARD
    list_display = ("staff_number", "role", "region", "place", "bank", "employer", "valid_until")
    list_filter = ("role", "region")
    search_fields = ("staff_number", "user__username")
    raw_id_fields = ("place", "employer", "user")


@admin.register(User)
class LoginAdmin(ByPost, AnyUserAdmin):
    """Log-ins: made here, with a password to be told in person; the factor is made by the owner."""

    post: ClassVar[str] = GUARD
    list_display = ("username", "is_active", "last_login")
    list_filter = ("is_active",)
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("状态", {"fields": ("is_active", "is_staff", "last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()


@admin.register(ApiClient)
class ApiClientAdmin(ByPost):
    """Partners of the API; their tokens are made on the command line and never shown."""

    post: ClassVar[str] = GUARD
    list_display = ("client_id", "name", "scopes", "regions", "active")
    list_filter = ("active",)
    exclude = ("secret_hash",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A partner is enrolled with its token, on the command line."""
        return False
