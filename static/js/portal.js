// Small conveniences of every page; each works on data attributes and nothing depends on them.
import { clearCopiesOnLogout, sweepCopies } from "./autosave-local.js";
import { startCountdowns } from "./countdown.js";
import { guardForms } from "./forms.js";

// Menus close on Escape and on a press outside.
const menus = () => document.querySelectorAll("details[data-menu][open]");
document.addEventListener("click", (event) => {
  menus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  menus().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
});

// The error summary takes focus; its links move focus into the field, also into a radio group.
const summary = document.querySelector("[data-error-summary]");
if (summary) {
  summary.focus();
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const target = link && document.getElementById(link.hash.slice(1));
    if (!target) return;
    event.preventDefault();
    const box = target.closest("details");
    if (box) box.open = true;
    const field = target.matches("fieldset") ? target.querySelector("input") || target : target;
    target.closest(".field, fieldset, tr")?.scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });
}

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

startCountdowns();
guardForms();
sweepCopies();
clearCopiesOnLogout();
