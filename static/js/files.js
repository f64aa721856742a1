// Looks whether a file is ready while one is being made. The link "Refresh" does without it.
"use strict";

const EVERY = 1500;

async function look() {
  const here = document.getElementById("files");
  const response = await fetch(location.href, { cache: "no-store" });
  const body = await response.text();
  const there = new DOMParser().parseFromString(body, "text/html").getElementById("files");
  if (!response.ok || !there) {
    return;
  }
  const wasUnfinished = "unfinished" in here.dataset;
  // Whoever stands on a button of the list keeps it: the list is replaced a little later.
  if (here.innerHTML !== there.innerHTML && !here.contains(document.activeElement)) {
    here.replaceWith(there);
    if (wasUnfinished && !("unfinished" in there.dataset)) {
      const status = document.getElementById("files-status");
      status.textContent = status.dataset.ready;
    }
  }
}

async function again() {
  const isUnfinished = "unfinished" in document.getElementById("files").dataset;
  if (isUnfinished && !document.hidden) {
    await look().catch(() => {});
  }
  setTimeout(again, EVERY);
}

setTimeout(again, EVERY);
