"""What can be measured on a page: axe's rules, text and target sizes, sideways scrolling, fonts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

LANGUAGES = ("zh-hans", "zh-hant", "en")
MODES = ("standard", "elder", "contrast")
TEXT_PX = {"standard": 18.0, "elder": 26.0, "contrast": 18.0, "kiosk": 30.0, "staff": 15.0}
TARGET_PX = {"standard": 44.0, "elder": 60.0, "contrast": 44.0, "kiosk": 60.0, "staff": 24.0}
LINE_HEIGHT = 1.3
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


class Scripts(Enum):
    """Whether the visitor's browser runs JavaScript."""

    ON = "on"
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a visitor looks at a page."""

    language: str = "zh-hans"
    mode: str = "standard"
    width: int = 1280
    height: int = 900
    scripts: Scripts = Scripts.ON


def axe_violations(page: Page) -> list[str]:
    """The rules of axe that the page breaks, each with where."""
    options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": list(TAGS)}}
    found: dict[str, Any] = Axe().run(page, options=options).response
    return [
        f"{rule['id']}: {node['target']} {node['html'][:160]} {node.get('failureSummary', '')}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def small_texts(page: Page, least_px: float) -> list[str]:
    """Texts drawn smaller than allowed, or with lines too close."""
    found: list[str] = page.evaluate(_TEXTS, [least_px, LINE_HEIGHT])
    return found


def small_targets(page: Page, least_px: float) -> list[str]:
    """Things to press that are smaller than allowed; links within a sentence are text."""
    found: list[str] = page.evaluate(_TARGETS, least_px)
    return found


def sideways_px(page: Page) -> int:
    """How many pixels the page is wider than the window."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    found: int = page.evaluate(wide)
    return found


def fonts(page: Page, selector: str) -> set[str]:
    """The names of the fonts that really drew an element, to find a character without one."""
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
    drawn = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    session.detach()
    return {font["familyName"] for font in drawn}


_TEXTS = """([least, leading]) => {
  const small = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
    if (!text || element.closest("script, style, svg, noscript, .mk-hidden, select")) continue;
    const box = element.getBoundingClientRect();
    if (box.width < 2 || box.height < 2) continue;
    const style = getComputedStyle(element), size = parseFloat(style.fontSize);
    const line = style.lineHeight === "normal" ? 1.4 : parseFloat(style.lineHeight) / size;
    if (size < least - 0.05 || line < leading - 0.01)
      small.push([size, line.toFixed(2), element.className, text.slice(0, 30)].join(" "));
  }
  return small;
}"""

_TARGETS = """(least) => {
  const small = [];
  const inline = (e) => e.tagName === "A" && getComputedStyle(e).display === "inline"
    && [...e.parentElement.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  const kinds = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  for (const e of document.querySelectorAll(kinds)) {
    const box = e.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || e.closest(".govuk-skip-link") || inline(e)) continue;
    if (box.width < least - 0.5 || box.height < least - 0.5)
      small.push(`${Math.round(box.width)}x${Math.round(box.height)} ${e.outerHTML.slice(0, 120)}`);
  }
  return small;
}"""
