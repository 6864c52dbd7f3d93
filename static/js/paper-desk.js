// The paper desk: the field always waits for the scanner, each scan is sent without leaving the page, one after the
// other. Without script the form is sent as a form.
import { shown, sound } from "./paper-live.js";

const form = document.querySelector("form[data-series]");
const field = document.getElementById("id_q");
const live = document.querySelector("[data-live]");

// A scanner types like a keyboard: whatever is pressed while nothing else is being written belongs into the field.
function isWriting() {
  const active = document.activeElement;
  return active && active !== field && (active.matches("input, textarea, select") || active.isContentEditable);
}

document.addEventListener("keydown", (event) => {
  if (!field || event.ctrlKey || event.metaKey || event.altKey || isWriting()) return;
  if (document.activeElement && document.activeElement.closest("details.undo, summary")) return;
  if (event.key.length === 1 && document.activeElement !== field) field.focus();
});

if (form && field && live && window.fetch) {
  const waiting = [];
  let busy = false;

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = new FormData(form);
    data.set("part", "live");
    waiting.push(data);
    field.value = "";
    field.focus();
    next();
  });

  async function next() {
    if (busy || !waiting.length) return;
    busy = true;
    const data = waiting.shift();
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, credentials: "same-origin" });
      if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
      shown(live, await answer.text());
    } catch {
      lost(data.get("q"));
    }
    busy = false;
    next();
  }

  // What could not be sent is put back: nothing scanned is forgotten.
  function lost(text) {
    field.value = text;
    const result = live.querySelector("[data-result]");
    result.className = "scan-result scan-result--red";
    result.textContent = "网络断开或登录已过期，这一件还没有签收。请检查网络后再按一次“签收”，或刷新页面重新登录。";
    sound("unknown");
  }

  const line = document.querySelector("[data-sound-line]");
  const box = document.querySelector("[data-sound]");
  if (line && box) {
    line.hidden = false;
    try { box.checked = localStorage.getItem("paper-sound") === "on"; } catch { box.checked = false; }
    box.addEventListener("change", () => {
      try { localStorage.setItem("paper-sound", box.checked ? "on" : "off"); } catch { /* private window: this page only */ }
      if (box.checked) sound("received");
      field.focus();
    });
  }

  // After a press somewhere on the empty page the field waits again.
  document.addEventListener("click", (event) => {
    if (!event.target.closest("a, button, input, select, textarea, label, summary, details")) field.focus();
  });
}
