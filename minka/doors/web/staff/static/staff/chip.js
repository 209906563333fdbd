// The card in this workstation's reader: asked of the local reader service, brought to the server.
(() => {
  const box = document.getElementById("own-reader");
  if (!box || !("WebSocket" in window)) return;
  box.hidden = false;
  const says = document.getElementById("own-reader-says");
  const form = document.getElementById("own-reader-form");
  form.addEventListener("submit", (event) => {
    const brought = document.getElementById("own-reader-brought");
    if (brought.value) return;
    event.preventDefault();
    says.textContent = box.dataset.asking;
    const socket = new WebSocket(`ws://127.0.0.1:${box.dataset.port}/`);
    socket.onerror = () => { says.textContent = box.dataset.away; };
    socket.onopen = () => socket.send(JSON.stringify(
      { id: "1", act: "read", kind: "1", clear: true, files: box.dataset.files }));
    socket.onmessage = (message) => {
      const told = JSON.parse(message.data);
      if (told.id !== "1") return;
      socket.close();
      if (!told.ok) { says.textContent = told.words; return; }
      brought.value = JSON.stringify({ card: told.card, items: told.items || {} });
      form.submit();
    };
  });
})();
