// The viewer: the chosen page opens at once, arrow keys turn pages. Without script there are links and a button.
const jump = document.querySelector("[data-jump]");
if (jump) {
  document.querySelector("[data-jump-button]").hidden = true;
  jump.addEventListener("change", () => jump.form.submit());
}
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input, select, textarea")) return;
  const link = event.key === "ArrowLeft" ? "a[rel=prev]" : event.key === "ArrowRight" ? "a[rel=next]" : "";
  const found = link && document.querySelector(link);
  if (found) window.location.href = found.href;
});
