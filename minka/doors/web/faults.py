"""The pages for what goes wrong: what happened, why, and what to do next, in three languages."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import psycopg
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from minka.doors import settings as surroundings
from minka.doors.web.frame import frame
from minka.store.connection import RegisterAway

AWAY = (
    RegisterAway,
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)
"""Errors that mean the register cannot be reached, not that the request was wrong."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One page: the status, what happened, why, and the next step."""

    status: int
    what: str | Promise
    why: str | Promise
    then: str | Promise


_NOTHING_SAVED = _("请返回上一页再试一次；您刚才填写的内容没有提交。")

FAULTS = {
    fault.status: fault
    for fault in (
        Fault(
            400,
            _("这个请求无法读取"),
            _("收到的内容不完整，或者编码不正确。"),
            _NOTHING_SAVED,
        ),
        Fault(
            403,
            _("您不能打开这个页面"),
            _("页面可能已经过期，或者您的账号没有这项权限。"),
            _("请返回上一页，刷新后再试；工作人员请联系本单位的管理员。"),
        ),
        Fault(
            404,
            _("没有这个页面"),
            _("网址可能输入有误，或者页面已经移走。"),
            _("请核对网址，或从首页重新开始。"),
        ),
        Fault(
            405,
            _("这个地址不支持这种操作"),
            _("页面只能打开或提交，不能用其他方式访问。"),
            _("请从首页重新开始。"),
        ),
        Fault(
            409,
            _("这件事已经有了别的结果"),
            _("同一个请求编号已经用于另外的内容，或者情况刚刚发生了变化。"),
            _("请从首页重新开始，先查看现在的办理状态。"),
        ),
        Fault(
            413,
            _("提交的内容太大"),
            _("一次提交不能超过 1 MB。"),
            _("请减少内容或压缩图片后再提交；这次什么也没有保存。"),
        ),
        Fault(
            415,
            _("无法识别提交内容的格式"),
            _("网页表单之外的内容格式不能提交到这个地址。"),
            _("请在网页上填写后提交；程序对接请使用数据接口。"),
        ),
        Fault(
            422,
            _("提交的内容还不能办理"),
            _("有内容缺少或不符合要求，所以没有提交成功。"),
            _("请返回上一页，按提示改正后再提交。"),
        ),
        Fault(
            429,
            _("操作太频繁"),
            _("短时间内的请求太多。"),
            _("请过几分钟再试；急需停用卡片请直接拨打热线。"),
        ),
        Fault(
            500,
            _("系统出了问题"),
            _("这是我们的故障，不是您操作的问题。"),
            _("我们没有收到办理成功的确认，请当作没有办成；急需停用卡片请直接拨打热线。"),
        ),
        Fault(
            503,
            _("现在无法办理"),
            _("暂时连不上登记系统，您的请求没有得到办理成功的确认。"),
            _("请当作没有办成；急需停用卡片请立即拨打热线，或过几分钟再试。"),
        ),
    )
}


def page(request: HttpRequest, status: int) -> HttpResponse:
    """The fault as a page, or as problem details where a program is asking."""
    fault = FAULTS[status]
    if _wants_json(request):
        response: HttpResponse = _problem(fault)
    else:
        text = render_to_string("fault.html", _context(request, fault))
        response = HttpResponse(text, status=status)
    response.headers["Cache-Control"] = "no-store"
    if status in (429, 503):
        response.headers["Retry-After"] = "10"
    return response


def _context(request: HttpRequest, fault: Fault) -> dict[str, Any]:
    """The frame alone: no session, message or user, for these may be what failed."""
    return {"fault": fault, "urgent": fault.status >= 429} | frame(request)


def _problem(fault: Fault) -> JsonResponse:
    detail = f"{fault.why}{fault.then}"
    return JsonResponse(
        {
            "type": "about:blank",
            "title": str(fault.what),
            "status": fault.status,
            "detail": detail,
            "hotline": surroundings.current().hotline,
        },
        status=fault.status,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )


def _wants_json(request: HttpRequest) -> bool:
    if request.path.startswith("/api/"):
        return True
    return request.accepts("application/json") and not request.accepts("text/html")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 when the body grew past its limit while it was read."""
    return page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return page(request, 404)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that did not come from our own page, or came too late."""
    return page(request, 403)


def server_fault(request: HttpRequest) -> HttpResponse:
    """500, or 503 when what failed was reaching the database."""
    return page(request, 503 if isinstance(sys.exc_info()[1], AWAY) else 500)


class FaultPageMiddleware(MiddlewareMixin):
    """Give a bare status, such as the 405 of a view, the page that explains it."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """The same answer, or the page of its status when it has no content."""
        bare = response.status_code in FAULTS and not response.streaming and not response.content
        if not bare or request.method == "HEAD":
            return response
        explained = page(request, response.status_code)
        for name, value in response.items():
            if name not in ("Content-Type", "Content-Length"):
                explained.headers[name] = value
        explained.cookies.update(response.cookies)
        return explained
