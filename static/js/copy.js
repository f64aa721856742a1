// Copies an address or a text. Without it, both can be selected and copied by hand.
"use strict";

async function copy(button) {
  const field = document.getElementById(button.dataset.copy);
  const words = button.firstChild;
  const before = words.textContent;
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    words.textContent = button.dataset.copied;
  } catch {
    words.textContent = button.dataset.failed;
  }
  document.getElementById("copy-status").textContent = `${words.textContent} ${field.value}`;
  setTimeout(() => { words.textContent = before; }, 2500);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
