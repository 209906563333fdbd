// Keys on the screen for fields that take digits, and the words of the local card reader.
"use strict";

const key = (label, press, name) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "govuk-button govuk-button--secondary mk-pad__key";
  button.textContent = label;
  if (name) button.setAttribute("aria-label", name);
  button.addEventListener("click", press);
  return button;
};

for (const field of document.querySelectorAll("[data-pad]")) {
  const pad = document.createElement("div");
  pad.className = "mk-pad";
  for (const sign of field.dataset.pad) {
    pad.append(key(sign, () => {
      if (field.value.length < field.maxLength) field.value += sign;
    }));
  }
  pad.append(key("⌫", () => { field.value = field.value.slice(0, -1); }, field.form.dataset.erase));
  field.after(pad);
}

// The reader service of this machine says what it read by an event of the page.
document.addEventListener("minka-card", (event) => {
  const form = document.querySelector("[data-reader]");
  const field = form && form.querySelector("input[name='reader'], input[name='card']");
  if (!field || typeof event.detail !== "string") return;
  field.value = event.detail;
  form.submit();
});
