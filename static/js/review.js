// The last look: a ready reason goes into the field above it, where it can be changed. Nothing depends on it.
document.querySelectorAll("select[data-ready]").forEach((select) => {
  select.addEventListener("change", () => {
    const area = document.getElementById(select.dataset.ready);
    if (!select.value) return;
    area.value = select.value;
    select.value = "";
    area.focus();
  });
});
