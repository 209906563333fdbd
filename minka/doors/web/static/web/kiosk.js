// An idle kiosk: after 60 seconds a warning of 30 seconds, seen and heard, then everything is wiped.
"use strict";

const dialog = document.getElementById("idle");
const seconds = dialog.querySelector("[data-seconds]");
let idle = 0;
let left = 0;

const beep = () => {
  const sound = new AudioContext();
  const tone = sound.createOscillator();
  tone.connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + 0.15);
};

const tick = () => {
  if (!dialog.open) {
    idle += 1;
    if (idle < 60) return;
    left = 30;
    dialog.showModal();
  } else {
    left -= 1;
  }
  seconds.textContent = String(left);
  if (left % 5 === 0) beep();
  if (left <= 0) location.replace(dialog.dataset.wipe);
};

for (const name of ["pointerdown", "keydown", "touchstart"]) {
  document.addEventListener(name, () => { if (!dialog.open) idle = 0; });
}
dialog.addEventListener("close", () => { idle = 0; });
window.setInterval(tick, 1000);
