// The worklist, live: how much has changed since the page was made. The page works without this; nothing is shown of
// anybody that a reload would not show, and nothing moves under the reader's finger.
"use strict";
(() => {
  const bar = document.getElementById("changes");
  if (!bar || !window.EventSource) return;
  const source = new EventSource("/worklist/changes?after=" + encodeURIComponent(bar.dataset.after));
  const show = (text) => {
    const link = bar.querySelector("a") || bar.appendChild(document.createElement("a"));
    link.href = bar.dataset.here;
    link.textContent = text;
  };
  source.addEventListener("changes", (message) => {
    const count = Number(message.data);
    show(count === 1 ? bar.dataset.one : bar.dataset.many.replace("{count}", count));
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) show(bar.dataset.over);
  });
})();
