"""Keys for those who keep them: the inventory, what may be done now and why not, two signatures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from minka.desk.act import Answer
from minka.desk.approval import Approve, Propose, approve, propose
from minka.desk.keys_look import KeyView, events, inventory, key_view, proposals
from minka.desk.keys_plan import FIELDS
from minka.desk.keys_words import TIER_NAMES, act_name, state_name
from minka.desk.privileged import ON_KEYS
from minka.doors.office import office
from minka.doors.web.accounts import StaffRequest
from minka.doors.web.parts import Cell, Column, Row, Table, Tag, Text, Tone, Wrong
from minka.doors.web.staff.keys_forms import ActForm, PlanForm
from minka.doors.web.staff.menu import Nav
from minka.doors.web.staff.who import Who, for_roles, fresh_key, language, page, say
from minka.keys.lifecycle import KeyState
from minka.keys.spoken import grouped
from minka.keys.vault import KeyRefused, Purpose, VaultGone
from minka.keys.wording import PURPOSES, STATES

KEEPERS = ("key_keeper",)
READERS = ("key_keeper", "security_administrator", "auditor")
HOME = "/staff/keys/"
NAV = (
    Nav(label=gettext_lazy("密钥"), url=HOME, roles=READERS),
    Nav(label=gettext_lazy("新的密钥"), url="/staff/keys/new/", roles=KEEPERS),
)
TONES = {
    KeyState.PRE_ACTIVE: Tone.WAIT,
    KeyState.ACTIVE: Tone.GOOD,
    KeyState.SUSPENDED: Tone.WAIT,
    KeyState.DEACTIVATED: Tone.SHUT,
    KeyState.COMPROMISED: Tone.BAD,
    KeyState.DESTROYED: Tone.SHUT,
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*READERS)
def keys(request: StaffRequest, who: Who) -> HttpResponse:
    """The inventory and what waits for a second person; a POST is the second signature."""
    wrong: list[Wrong] = []
    if request.method == "POST":
        answer = _sign(request, who)
        if answer.accepted:
            messages.success(request, _("已批准并办理。"))
            return HttpResponseRedirect(HOME)
        wrong = [Wrong(message=answer.say(language()))]
    found = inventory(office(), who.role)
    names = {str(v.known.key_no): f"{v.row['name']} v{v.row['version']}" for v in found}
    context = {
        "table": _inventory(found),
        "waiting": [_waiting(each, who, names) for each in proposals(office())],
        "vault_words": _vault(),
        "key": fresh_key("k"),
        "wrong_list": wrong,
    }
    return page(request, who, "keys/inventory", context, status=422 if wrong else 200)


def _sign(request: StaffRequest, who: Who) -> Answer:
    given = request.POST
    act_id = str(given.get("act_id", ""))
    if not (act_id.isascii() and act_id.isdigit()) or len(act_id) > 18:
        raise Http404
    command = Approve(int(act_id), str(given.get("content_hash", "")))
    return approve(office(), who.request(str(given.get("key") or "") or fresh_key("k")), command)


def _waiting(proposal: dict[str, Any], who: Who, names: Mapping[str, str]) -> dict[str, Any]:
    """A proposal as it is to be signed: every field of its content, and its hash as words."""
    return {
        **proposal,
        "name": say(act_name(proposal["act"])),
        "rows": [
            Row(
                label=say(FIELDS[name]) if name in FIELDS else name,
                value=_value(name, value, names),
            )
            for name, value in proposal["content"].items()
        ],
        "aloud": grouped(bytes.fromhex(proposal["content_hash"]), language()),
        "can": who.role in ON_KEYS[proposal["act"]].approvers
        and proposal["proposed_by"] != who.staff_number,
    }


def _value(name: str, value: str, names: Mapping[str, str]) -> str:
    """A field of a content as people say it; the hash is over its code."""
    if name == "tier" and value in TIER_NAMES:
        return say(TIER_NAMES[value])
    if name == "purpose" and value in {each.value for each in Purpose}:
        return say(PURPOSES[Purpose(value)])
    if name in ("key_no", "successor", "under_no", "parent_no"):
        return f"{names.get(value, '')} ({value})"
    return value


def _inventory(found: list[KeyView]) -> Table:
    lines: list[list[Cell | Text]] = [
        [
            Cell(text=f"{v.row['name']} v{v.row['version']}", url=f"{HOME}{v.known.key_no}/"),
            say(TIER_NAMES[v.row["tier"]]),
            say(PURPOSES[Purpose(v.row["purpose"])]),
            Cell(tag=tag_of(v.standing)),
            v.row["check_value"],
            _uses(v),
        ]
        for v in found
    ]
    titles = (_("密钥"), _("层级"), _("用途"), _("状态"), _("校验值"), _("已用次数"))
    columns = [Column(title=title) for title in titles]
    return Table(caption=_("密钥清单"), columns=columns, rows=lines, empty=_("还没有密钥。"))


def tag_of(state: KeyState) -> Tag:
    """The state of a key as a small word."""
    return Tag(text=say(STATES[state]), tone=TONES[state])


def _uses(view: KeyView) -> str:
    limit = view.row["use_limit"]
    return f"{view.row['used']} / {limit}" if limit else str(view.row["used"])


def _vault() -> str:
    """Whether the vault answers; a stand-in is named."""
    kind = office().vault_id.partition(":")[0]
    try:
        office().custody().inventory()
    except VaultGone:
        return _("加密机没有应答：与密钥有关的业务先停办，挂失照常受理。")
    except KeyRefused:
        return _("加密机还没有开封：请分管人各自开封。")
    if kind == "soft":
        return _("现在用的是软件加密机，仅供演示；正式运行不能用它。")
    return _("加密机运行正常。")


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*READERS)
def key(request: StaffRequest, who: Who, key_no: int) -> HttpResponse:
    """One key: what it is, what may be proposed now, and its life; a POST proposes."""
    view = key_view(office(), key_no, who.role)
    if view is None:
        raise Http404
    act = str(request.POST.get("act", "")) if request.method == "POST" else ""
    forms = {
        each.act: ActForm(each.act, request.POST if each.act == act else None) for each in view.acts
    }
    wrong: list[Wrong] = []
    if act:
        if act not in forms:
            raise Http404
        answer = _propose(request, who, forms[act], key_no)
        if answer is not None and answer.accepted:
            messages.success(request, _("已提出，等另一位同事批准。"))
            return HttpResponseRedirect(f"{HOME}{key_no}/")
        wrong = [Wrong(message=answer.say(language()))] if answer is not None else []
    context = {
        "view": view,
        "tag": tag_of(view.standing),
        "rows": _rows(view),
        "acts": [(each, say(each.name), _why(each), forms[each.act]) for each in view.acts],
        "life": _life(key_no),
        "key": fresh_key("k"),
        "open_act": act,
        "wrong_list": wrong,
        "form": forms.get(act),
    }
    return page(request, who, "keys/key", context, status=422 if act else 200)


def _why(legal: Any) -> str:
    return "" if legal.why_not is None else say(legal.why_not)


def _propose(request: StaffRequest, who: Who, form: ActForm, key_no: int) -> Answer | None:
    if not form.is_valid():
        return None
    asked = who.request(str(request.POST.get("key") or "") or fresh_key("k"))
    return propose(office(), asked, Propose(form.act, form.content(key_no)))


def _rows(view: KeyView) -> list[Row]:
    row, record = view.row, view.known.record
    aloud = grouped(record.check_value, language())
    return [
        Row(label=_("密钥编号"), value=str(view.known.key_no)),
        Row(label=_("算法"), value=f"{row['algorithm']} {row['bits']} bit"),
        Row(label=_("层级"), value=say(TIER_NAMES[row["tier"]])),
        Row(label=_("用途"), value=say(PURPOSES[record.purpose])),
        Row(label=_("上级密钥编号"), value=_parent(row)),
        Row(label=_("校验值"), value=f"{row['check_value']} · {aloud}"),
        Row(label=_("已用次数"), value=_uses(view)),
        Row(label=_("使用方"), value=row["held_for"]),
        Row(label=_("加密机"), value=row["vault"]),
        Row(label=_("仪式编号"), value=str(row["ceremony_no"] or "")),
    ]


def _parent(row: Mapping[str, Any]) -> str:
    """K3: the key it stands under, when it is no root."""
    number = row["parent_no"]
    return f"{row['parent_name']} v{row['parent_version']} ({number})" if number else ""


def _life(key_no: int) -> Table:
    lines: list[list[Cell | Text]] = [
        [
            Cell(at=each["at"]),
            say(act_name(each["act"])),
            say(state_name(each["to_state"])),
            each["proposed_by"],
            each["approved_by"],
            each["reason"],
        ]
        for each in events(office(), key_no)
    ]
    titles = (_("时间"), _("要办什么"), _("之后的状态"), _("提出人"), _("批准人"), _("原因"))
    columns = [Column(title=title) for title in titles]
    return Table(caption=_("这把密钥的经过"), columns=columns, rows=lines, empty="—")


@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(*KEEPERS)
def new_key(request: StaffRequest, who: Who) -> HttpResponse:
    """Propose a key that the vault makes, or a ceremony in which custodians bring its parts."""
    form = PlanForm(request.POST or None)
    wrong: list[Wrong] = []
    if request.method == "POST" and form.is_valid():
        act, content = form.proposal()
        asked = who.request(str(request.POST.get("key") or "") or fresh_key("k"))
        answer = propose(office(), asked, Propose(act, content))
        if answer.accepted:
            messages.success(request, _("已提出，等另一位同事批准。"))
            return HttpResponseRedirect(HOME)
        wrong = [Wrong(message=answer.say(language()))]
    bad = bool(wrong) or (form.is_bound and bool(form.errors))
    context = {"form": form, "wrong_list": wrong, "key": fresh_key("k")}
    return page(request, who, "keys/new", context, status=422 if bad else 200)


urlpatterns = [
    path("keys/", keys, name="staff_keys"),
    path("keys/new/", new_key, name="staff_new_key"),
    path("keys/<int:key_no>/", key, name="staff_key"),
]
