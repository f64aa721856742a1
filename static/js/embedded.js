// Inside a frame of a partner's page: tells that page how high this one is, and leads the eye to
// the answer after something was sent. Without it the frame scrolls.
(() => {
  "use strict";
  const { origins, answers } = document.currentScript.dataset;
  const answer = answers !== undefined && document.getElementById("errors");
  // The keyboard is in this frame already: whoever pressed the button hears what came of it.
  if (answer) answer.focus({ preventScroll: true });
  if (window.parent === window) return;
  // A site that is not among them could not have framed this page; nobody else hears of it.
  const allowed = origins.split(" ").filter(Boolean);
  const parent = window.location.ancestorOrigins?.[0];
  const listeners = parent ? allowed.filter((it) => it === parent) : allowed;
  let isAnswer = answers !== undefined;
  const tell = () => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    for (const origin of listeners) {
      window.parent.postMessage({ type: "recruit:height", height, title: document.title, isAnswer }, origin);
    }
    isAnswer = false;
  };
  new ResizeObserver(tell).observe(document.body);
})();
