// Offers the device's own share sheet and a copy button where there are any. The links work without.
(() => {
  "use strict";
  for (const place of document.querySelectorAll("[data-share]")) {
    const { title, text, url } = place.dataset;
    if (!navigator.share) continue;
    place.hidden = false;
    place.querySelector("button").addEventListener("click", () => {
      navigator.share({ title, text, url }).catch(() => {});
    });
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    const field = document.getElementById(button.dataset.copy);
    const status = document.querySelector("[data-copy-status]");
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      field.select();
      await navigator.clipboard.writeText(field.value).catch(() => document.execCommand("copy"));
      button.textContent = button.dataset.done;
      if (status) status.textContent = button.dataset.done;
      setTimeout(() => {
        button.textContent = label;
        if (status) status.textContent = "";
      }, 3000);
    });
  }
})();
