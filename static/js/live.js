// What moves on the big screen beyond the two numbers: minutes, partners, and the one bold moment.
(() => {
  "use strict";
  const find = (what) => document.querySelector(what);
  const written = new Intl.NumberFormat("en-US");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const moment = find("[data-moment]");
  const clock = new Intl.DateTimeFormat(`${document.documentElement.lang}-US`, {
    timeStyle: "short",
    timeZone: moment.dataset.zone,
  });
  const MOMENT = 15000;
  const JUST_NOW = 120000;
  const TURN = 6000;

  const drawMinutes = (minutes) => {
    const chart = find("[data-minutes]");
    const most = Math.max(0, ...minutes.map((minute) => minute[1]));
    const height = Math.max(5, most);
    chart.setAttribute("viewBox", `0 0 60 ${height}`);
    chart.firstElementChild.setAttribute("transform", `matrix(1 0 0 -1 0 ${height})`);
    chart.querySelectorAll("rect").forEach((bar, at) => {
      bar.setAttribute("height", minutes[at]?.[1] ?? 0);
    });
    find("[data-most]").textContent = written.format(most);
    find("[data-minute-rows]").querySelectorAll("tr").forEach((row, at) => {
      const [minute, count] = minutes[at] ?? [];
      if (!minute) return;
      row.firstElementChild.textContent = clock.format(new Date(minute));
      row.lastElementChild.textContent = count;
    });
  };

  const MINUTE = 60000;
  const LOWEST_TOP = 5;
  const course = find("[data-course]");
  const begins = Date.parse(course?.dataset.course);
  const length = Number(course?.dataset.length);
  const counts = new Map();
  for (const [, at, count] of find("[data-columns='1'] path")?.getAttribute("d").matchAll(/M(\d+) 0V(\d+)/g) ?? []) {
    counts.set(Number(at), Number(count));
  }
  const sums = (step) => {
    const found = new Map();
    for (const [at, count] of counts) {
      found.set(Math.floor(at / step), (found.get(Math.floor(at / step)) ?? 0) + count);
    }
    return found;
  };
  const minuteOf = (time) => (Date.parse(time) - begins) / MINUTE;
  const across = (minute) => `${((100 * minute) / length).toFixed(2)}%`;
  let newest = null;

  // As partners/courses.py draws it.
  const drawColumns = (chart) => {
    const step = Number(chart.dataset.columns);
    const columns = [...sums(step)].filter(([, count]) => count > 0);
    const most = Math.max(0, ...columns.map(([, count]) => count));
    const top = Math.max(LOWEST_TOP, most);
    chart.setAttribute("viewBox", `0 0 ${length / step} ${top}`);
    chart.firstElementChild.setAttribute("transform", `matrix(1 0 0 -1 0.5 ${top})`);
    const path = columns.sort(([a], [b]) => a - b).map(([at, count]) => `M${at} 0V${count}`);
    chart.querySelector("path").setAttribute("d", path.join(""));
    find(`[data-most-in="${step}"]`).textContent = written.format(most);
  };

  // The day that the page came with goes on; what it missed, or the next day, comes with the page.
  const drawCourse = (minutes) => {
    if (!course) return;
    const last = minuteOf(minutes.at(-1)[0]);
    const misses = () => last >= length || minuteOf(minutes[0][0]) > newest + 1;
    if (newest !== null && newest < length && misses()) document.dispatchEvent(new Event("outlived"));
    newest = last;
    for (const [time, count] of minutes) {
      const at = minuteOf(time);
      if (at >= 0 && at < length) counts.set(at, count);
    }
    course.querySelectorAll("[data-columns]").forEach(drawColumns);
    find("[data-passed]").setAttribute("x2", across(Math.min(length, last + 1)));
    const byHour = sums(60);
    find("[data-hour-rows]").querySelectorAll("tr").forEach((row, hour) => {
      row.hidden = hour * 60 > last;
      row.lastElementChild.textContent = written.format(byHour.get(hour) ?? 0);
    });
  };

  const drawMark = (milestone, reachedAt) => {
    const minute = minuteOf(reachedAt);
    const mark = find(`[data-mark="${milestone}"]`);
    if (!mark || minute < 0 || minute >= length) return;
    mark.setAttribute("x", across(minute));
    mark.removeAttribute("display");
  };

  const map = find("[data-map]");
  const SHADES = 4;

  // As partners/maps.py draws it: a state that is not named has fewer than five, as null says.
  const drawMap = (states) => {
    const counts = new Map(states.map((it) => [it.state, it[map.dataset.map]]));
    const top = Math.max(0, ...counts.values());
    for (const tile of map.querySelectorAll("[data-tile]")) {
      const code = tile.dataset.tile;
      const count = counts.get(code) ?? null;
      const shade = count === null ? 0 : Math.ceil((SHADES * count) / top);
      const figure = count === null ? "" : written.format(count);
      tile.setAttribute("class", `tile shade-${shade}`);
      tile.querySelector("[data-count]").textContent = figure;
      map.querySelector(`[data-state="${code}"]`).textContent =
        count === null ? map.dataset.few : written.format(count);
    }
  };

  const ago = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  const line = find("[data-latest]");
  let latest = null;
  let behind = 0;

  const drawLatest = () => {
    if (!latest) return;
    const seconds = Math.max(0, Math.round((Date.now() - behind - Date.parse(latest.at)) / 1000));
    const [size, unit] = seconds < 60 ? [1, "second"] : seconds < 3600 ? [60, "minute"] : [3600, "hour"];
    line.hidden = false;
    find("[data-latest-partner]").textContent = latest.partner;
    find("[data-latest-ago]").textContent = ago.format(-Math.floor(seconds / size), unit);
  };
  setInterval(() => document.hidden || drawLatest(), 1000);

  const list = find("[data-partners]");
  const atOnce = Number(list.dataset.atOnce);
  const hold = find("[data-hold]");
  let partners = [...list.querySelectorAll("li:not(.muted)")].map((line) => [
    line.firstElementChild.textContent,
    Number(line.lastElementChild.textContent.replace(/\D/g, "")),
  ]);
  let first = 0;
  let held = calm.matches;

  const drawPartners = (moves) => {
    if (!partners.length) return;
    if (first >= partners.length) first = 0;
    const lines = partners.slice(first, first + atOnce).map(([name, count]) => {
      const line = document.createElement("li");
      const words = document.createElement("span");
      const number = document.createElement("strong");
      words.textContent = name;
      number.className = "figure";
      number.textContent = written.format(count);
      line.append(words, " ", number);
      if (moves) line.className = "comes";
      return line;
    });
    list.replaceChildren(...lines);
    hold.hidden = partners.length <= atOnce;
  };

  setInterval(() => {
    if (held || document.hidden || partners.length <= atOnce) return;
    first += atOnce;
    drawPartners(true);
  }, TURN);

  const words = { true: hold.dataset.goOn, false: hold.textContent };
  const nameHold = () => {
    hold.textContent = words[held];
  };
  hold.addEventListener("click", () => {
    held = !held;
    nameHold();
  });

  const waiting = [];
  const celebrate = () => {
    if (moment.childElementCount || !waiting.length) return;
    const [number, what, when] = waiting.shift();
    const content = document.getElementById("moment").content.cloneNode(true);
    const big = content.querySelector(".moment-number");
    big.textContent = number;
    big.classList.toggle("is-long", number.length > 5);
    content.querySelector(".moment-words").textContent = what;
    content.querySelector(".moment-when").textContent = when;
    const end = () => {
      clearTimeout(timer);
      removeEventListener("keydown", onKey);
      moment.replaceChildren();
      celebrate();
    };
    const onKey = (event) => event.key === "Escape" && end();
    const timer = setTimeout(end, MOMENT);
    content.querySelector("button").addEventListener("click", end);
    addEventListener("keydown", onKey);
    moment.replaceChildren(content);
  };

  const drawMilestones = (milestones, asOf) => {
    for (const { scope, target, reached_at: reachedAt } of milestones) {
      const spot = find(`[data-milestone="${scope} ${target}"]`);
      if (!spot || !reachedAt || spot.dataset.known) continue;
      spot.dataset.known = "yes";
      spot.classList.add("is-reached");
      drawMark(`${scope} ${target}`, reachedAt);
      const when = spot.querySelector("[data-when]");
      when.textContent = `${when.dataset.before} ${clock.format(new Date(reachedAt))}`;
      if (Date.parse(asOf) - Date.parse(reachedAt) < JUST_NOW) {
        waiting.push([written.format(target), spot.dataset.words, when.textContent]);
      }
    }
    celebrate();
  };

  document.addEventListener("totals", ({ detail: totals }) => {
    drawMinutes(totals.minutes);
    drawCourse(totals.minutes);
    drawMap(totals.states);
    latest = totals.latest;
    behind = Date.now() - Date.parse(totals.as_of);
    drawLatest();
    partners = totals.partners;
    drawPartners(false);
    drawMilestones(totals.milestones, totals.as_of);
  });
  drawPartners(false);
  nameHold();
})();
