// Keeps [data-countdown] moving. The server says what time it is; the visitor's clock only measures what passed.
export function startCountdowns() {
  document.querySelectorAll("[data-countdown]").forEach((box) => {
    const until = Date.parse(box.dataset.until);
    const offset = Date.parse(box.dataset.now) - Date.now();
    const show = (name, value) => {
      const part = box.querySelector(`[data-${name}]`);
      if (part && part.textContent !== String(value)) part.textContent = String(value);
    };
    const tick = () => {
      const left = Math.floor((until - Date.now() - offset) / 1000);
      if (left <= 0) {
        box.classList.remove("is-near");
        box.classList.add("is-over");
        const parts = box.querySelector("[data-countdown-parts]");
        if (parts) parts.innerHTML = "<b>已截止</b>";
        return;
      }
      box.classList.toggle("is-near", left < 3 * 86400);
      show("days", Math.floor(left / 86400));
      show("hours", Math.floor((left % 86400) / 3600));
      show("minutes", Math.floor((left % 3600) / 60));
      window.setTimeout(tick, Math.min(((left % 60) + 1) * 1000, 30000));
    };
    if (!box.classList.contains("is-over")) tick();
  });
}
