// The last look: a ready reason goes into the field above it, the preview is as high as its sheets. Nothing depends on it.
document.querySelectorAll("select[data-ready]").forEach((select) => {
  select.addEventListener("change", () => {
    const area = document.getElementById(select.dataset.ready);
    if (!select.value) return;
    area.value = select.value;
    select.value = "";
    area.focus();
  });
});

document.querySelectorAll("iframe[data-fit]").forEach((frame) => {
  const fit = () => {
    const page = frame.contentDocument;
    if (page && page.body && page.body.scrollHeight > 200) frame.style.height = `${page.documentElement.scrollHeight + 4}px`;
  };
  frame.addEventListener("load", fit);
  window.addEventListener("resize", fit);
  if (frame.contentDocument && frame.contentDocument.readyState === "complete") fit();
});
