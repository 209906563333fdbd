// Comforts of the desks; each page works without them.
"use strict";

// Alt and a letter press the button that bears the letter; a browser's own access key comes first.
document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented || event.repeat) return;
  const letter = event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : event.key.toLowerCase();
  const target = document.querySelector(`[data-key="${CSS.escape(letter)}"]:not([disabled])`);
  if (!target) return;
  event.preventDefault();
  target.click();
});

// What has come in place of a part is read out: first what is wrong, else what was done.
document.addEventListener("htmx:after:swap", () => {
  timer();
  const told = document.querySelector("#console .govuk-error-summary") || document.querySelector("#console [data-focus]");
  const nowhere = !document.activeElement || document.activeElement === document.body;
  if (told && !told.dataset.told) {
    told.dataset.told = "yes";
    told.focus();
  } else if (nowhere) {
    document.querySelector("#caller-form [data-key='l']:not([disabled])")?.focus({ preventScroll: true });
  }
});

// How long the call lasts, counted from the first page of it.
const begun = "minka.call";
const timer = () => {
  for (const part of document.querySelectorAll("[data-timer]")) {
    const start = Number(sessionStorage.getItem(begun)) || Date.now();
    sessionStorage.setItem(begun, String(start));
    const seconds = Math.floor((Date.now() - start) / 1000);
    const two = (n) => String(n).padStart(2, "0");
    part.querySelector("[data-timer-text]").textContent = `${two(Math.floor(seconds / 60))}:${two(seconds % 60)}`;
    part.hidden = false;
  }
};
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-timer-reset]")) sessionStorage.removeItem(begun);
});
timer();
setInterval(timer, 1000);

// A desk that waits for somebody begins with his number.
const first = document.querySelector("#id_n-id_number, #caller-form #id_id_number");
if (first && !first.value && !document.querySelector(".govuk-error-summary")) first.focus();
