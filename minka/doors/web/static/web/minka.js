// Small comforts of every page; each page works without them.
"use strict";

// What is wrong is read out first, and each entry leads into its field.
const summary = document.querySelector(".govuk-error-summary");
if (summary) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    (field.closest("fieldset") || field.closest(".govuk-form-group") || field).scrollIntoView();
    field.focus({ preventScroll: true });
  });
}

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog") return;
  if (form.dataset.sent && Date.now() - Number(form.dataset.sent) < 5000) event.preventDefault();
  else form.dataset.sent = String(Date.now());
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// Reading aloud uses a voice of this machine only: no text leaves it.
if ("speechSynthesis" in window) {
  const voice = () => {
    const wanted = document.documentElement.lang.slice(0, 2);
    return speechSynthesis.getVoices().find((v) => v.localService && v.lang.startsWith(wanted));
  };
  const offer = () => {
    for (const button of document.querySelectorAll("[data-read]")) button.hidden = !voice();
  };
  offer();
  speechSynthesis.addEventListener("voiceschanged", offer);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-read]")) return;
    const speech = new SpeechSynthesisUtterance(document.getElementById("main").innerText);
    speech.voice = voice();
    speech.rate = 0.9;
    if (speechSynthesis.speaking) speechSynthesis.cancel();
    else speechSynthesis.speak(speech);
  });
}

// A part that waits for somebody's answer is read again until the answer is there.
const again = (part) => {
  const seconds = Number(part.dataset.refresh);
  if (!seconds || !part.querySelector(".mk-timeline__line--pending, .mk-timeline__line--failed")) return;
  window.setTimeout(async () => {
    let fresh = null;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      fresh = answer.ok && page.getElementById(part.id);
    } catch {
      fresh = null;
    }
    if (fresh && fresh.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) part.replaceWith(fresh);
    again(fresh && fresh.isConnected ? fresh : part);
  }, seconds * 1000);
};
document.querySelectorAll("[data-refresh][id]").forEach(again);
