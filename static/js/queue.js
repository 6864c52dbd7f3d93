// Keys of the queue; everything they do can be pressed with the mouse as well, and nothing happens while typing.
const rows = [...document.querySelectorAll("[data-row]")];
const keys = document.querySelector("[data-keys]");

const typing = (target) => target.closest("input, textarea, select, [contenteditable]");
const current = () => rows.findIndex((row) => row.contains(document.activeElement));

function move(step) {
  if (!rows.length) return;
  const at = current();
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1);
  const link = rows[next].querySelector("[data-open]");
  link.focus({ preventScroll: true });
  rows[next].scrollIntoView({ block: "nearest" });
}

function press(button) {
  if (button) button.click();
}

const actions = {
  j: () => move(1),
  ArrowDown: () => move(1),
  k: () => move(-1),
  ArrowUp: () => move(-1),
  c: () => { const at = current(); if (at >= 0) press(rows[at].querySelector("[data-claim]")); },
  n: () => press(document.querySelector("[data-key='n']")),
  "/": () => document.querySelector("[data-search]")?.focus(),
  "?": () => { if (keys) { keys.open = !keys.open; keys.querySelector("summary").focus(); } },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || typing(event.target)) return;
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});
