// Attachment 2: characters while typing.
function countCharacters() {
  document.querySelectorAll("[data-counter]").forEach((line) => {
    const area = document.getElementById(line.dataset.counter);
    const limit = Number(line.dataset.limit);
    const show = () => {
      const length = area.value.length;
      line.textContent = `${length} 字，最多 ${limit} 字`;
      line.classList.toggle("is-over", length > limit);
      total();
    };
    area.addEventListener("input", show);
  });
}

function total() {
  const place = document.querySelector("[data-total]");
  if (!place) return;
  let sum = 0;
  document.querySelectorAll("[data-counter]").forEach((line) => {
    sum += document.getElementById(line.dataset.counter).value.replace(/\s/g, "").length;
  });
  place.textContent = `正文共 ${sum} 字`;
}

countCharacters();
