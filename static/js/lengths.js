// Texts: characters without spaces beside the recommended length, in the server's words (templatetags portal.counter).
const count = (text) => text.replace(/\s/g, "").length;

function words(length, low, high, most) {
  if (most && length > most) return `现 ${length} 字，超出 ${length - most} 字，最多 ${most} 字`;
  if (low && high) return `建议 ${low}–${high} 字，现 ${length} 字`;
  return `现 ${length} 字${most ? `，最多 ${most} 字` : ""}`;
}

export function startCounters(after) {
  document.querySelectorAll("[data-count-of]").forEach((line) => {
    const area = document.getElementById(line.dataset.countOf);
    if (!area) return;
    const [low, high, most] = ["shortest", "longest", "limit"].map((name) => Number(area.dataset[name] || 0));
    const show = () => {
      const length = count(area.value);
      line.textContent = words(length, low, high, most);
      line.classList.toggle("is-over", Boolean(most) && length > most);
      if (after) after();
    };
    area.addEventListener("input", show);
    show();
  });
}
