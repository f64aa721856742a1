// Keeps the two numbers on a page true without a reload. The page is right without it.
(() => {
  "use strict";
  const script = document.currentScript;
  const EVERY = Number(script.dataset.every || 5000);
  const PATIENCE = 5000;
  const SLOWEST = 60000;
  const STALE = 30000;
  const APART = 30000;
  const SPREAD = 5000;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const written = new Intl.NumberFormat("en-US");
  const clock = new Intl.DateTimeFormat(`${document.documentElement.lang}-US`, { timeStyle: "short" });
  const all = (what) => document.querySelectorAll(what);
  const shown = new Map();
  let failures = 0;
  let timer = 0;
  let seen = Date.now();

  const roll = (spot, to) => {
    const from = shown.get(spot) ?? Number(spot.textContent.replace(/\D/g, ""));
    shown.set(spot, to);
    if (from === to) return;
    if (calm.matches || document.hidden) {
      spot.textContent = written.format(to);
      return;
    }
    const began = performance.now();
    const step = (now) => {
      if (shown.get(spot) !== to) return;
      const part = Math.min(1, (now - began) / 240);
      spot.textContent = written.format(Math.round(from + (to - from) * part));
      if (part < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  };

  // Every screen sees midnight at once, and a front cache may go on giving the page of before it.
  const wasReloaded = performance.getEntriesByType("navigation")[0]?.type === "reload";
  let renewing = false;
  const renew = () => {
    if (renewing || (wasReloaded && performance.now() < APART)) return;
    renewing = true;
    setTimeout(() => location.reload(), Math.random() * SPREAD);
  };
  document.addEventListener("outlived", renew);

  const show = (totals) => {
    const { reloads, phase, day } = script.dataset;
    if (reloads !== undefined && (totals.phase !== phase || totals.day !== day)) renew();
    const counts = { day: totals.today.count, cumulative: totals.cumulative.count };
    for (const spot of all("[data-figure]")) roll(spot, counts[spot.dataset.figure]);
    for (const bar of all("[data-bar]")) bar.value = counts[bar.dataset.bar];
    document.dispatchEvent(new CustomEvent("totals", { detail: totals }));
  };

  const say = () => {
    const stale = Date.now() - seen > STALE;
    for (const line of all("[data-stale]")) line.hidden = !stale;
    if (stale) for (const spot of all("[data-stale-time]")) spot.textContent = clock.format(seen);
  };

  const ask = async () => {
    try {
      // A front cache may answer; the browser's own would be one question behind.
      const signal = AbortSignal.timeout(PATIENCE);
      const answer = await fetch(script.dataset.from, { cache: "no-store", signal });
      if (!answer.ok) throw new Error(answer.status);
      const totals = await answer.json();
      seen = Math.min(Date.now(), Date.parse(totals.as_of) || Date.now());
      show(totals);
      failures = 0;
    } catch {
      failures += 1;
    }
    say();
    plan();
  };

  const plan = () => {
    clearTimeout(timer);
    if (document.hidden) return;
    timer = setTimeout(ask, Math.min(SLOWEST, EVERY * 2 ** failures));
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else ask();
  });
  ask();
})();
