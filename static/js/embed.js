/* Puts our sign-up form, or the count, right after the line that a partner pasted:
<script src=".../embed.js" data-link="code" data-show="form|thermometer" data-lang="en|es" async></script> */
(() => {
  "use strict";
  const script = document.currentScript;
  const { link = "", show, lang = document.documentElement.lang, title, preview } = script.dataset;
  const site = new URL(script.src).origin;
  const spanish = /^es\b/i.test(lang);
  const frame = document.createElement("iframe");
  frame.src =
    `${site}${spanish ? "/es" : ""}/embed/${encodeURIComponent(link)}/` +
    (show === "thermometer" ? "thermometer/" : "") +
    (preview === undefined ? "" : "?preview");
  frame.title = title || new URL(site).host;
  frame.lang = spanish ? "es" : "en";
  frame.loading = "lazy";
  const height = show === "thermometer" ? "320px" : "900px";
  Object.assign(frame.style, { display: "block", width: "100%", maxWidth: "42rem", height, border: "0" });
  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== site || source !== frame.contentWindow || data?.type !== "recruit:height") return;
    frame.style.height = `${Math.min(Math.max(Number(data.height) || 0, 100), 20000)}px`;
    if (!title) frame.title = String(data.title);
    if (data.isAnswer && frame.getBoundingClientRect().top < 0) frame.scrollIntoView();
  });
  script.after(frame);
})();
