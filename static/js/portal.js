// Keeps the numbers fresh. Everything works without it.
"use strict";

const page = document.getElementById("numbers");

// Only these parts change. Nothing in them can hold the focus or be open, so nothing is lost.
function parts(root) {
  return new Map([...root.querySelectorAll("[data-part]")].map((it) => [it.dataset.part, it]));
}

function swap(fresh) {
  const here = parts(page);
  const there = parts(fresh);
  if ([...there.keys()].some((name) => !here.has(name))) {
    location.reload();
    return;
  }
  for (const [name, part] of there) {
    const old = here.get(name);
    if (old.innerHTML !== part.innerHTML) {
      old.replaceChildren(...part.childNodes);
    }
  }
}

function say(words) {
  const line = page.querySelector(".stale");
  if (line.textContent !== words) {
    line.textContent = words;
  }
}

async function refresh() {
  const response = await fetch(location.href, { cache: "no-store" });
  const body = await response.text();
  const fresh = new DOMParser().parseFromString(body, "text/html").getElementById("numbers");
  if (response.ok && fresh) {
    swap(fresh);
    say("");
  } else {
    say(response.redirected ? page.dataset.loggedOut : page.dataset.away);
  }
}

let waiting;

async function again() {
  clearTimeout(waiting);
  if (document.hidden) {
    return;
  }
  try {
    await refresh();
  } catch {
    say(page.dataset.away);
  }
  later();
}

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(again, page.dataset.seconds * 1000);
}

document.addEventListener("visibilitychange", again);
later();
