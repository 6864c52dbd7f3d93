// Another topic type: what stays, what is kept but not printed, what is still empty, at once. And "no special award".
const count = (text) => text.replace(/\s/g, "").length;

function describe(item) {
  const area = document.getElementById(`id_steps.${item.dataset.step}`);
  if (!area) return; // not a step of the type shown: what the server says holds
  const length = count(area.value);
  const note = item.querySelector("[data-step-note]");
  if (item.hasAttribute("data-dropped")) {
    item.hidden = length === 0;
    note.textContent = `${length} 字`;
  } else {
    note.textContent = length ? `保留，${length} 字` : "空，待填写";
    item.classList.toggle("is-kept", length > 0);
  }
}

export function startTypePreview() {
  const choice = document.getElementById("id_topic_type");
  const boxes = document.querySelectorAll("[data-type-preview]");
  if (!choice || !boxes.length) return;
  const confirmed = document.querySelector("[data-type-seen]");
  const show = () => {
    boxes.forEach((box) => {
      box.hidden = box.dataset.typePreview !== choice.value;
      if (box.hidden) return;
      box.querySelectorAll("[data-step]").forEach(describe);
      const dropped = box.querySelector("[data-dropped-list]");
      if (dropped) dropped.hidden = !dropped.querySelector("[data-step]:not([hidden])");
    });
    confirmed.value = choice.value; // the preview was shown: saving asks no second time
  };
  choice.addEventListener("change", show);
  if (document.querySelector(`[data-type-preview="${choice.value}"]`)) show();
}

export function startAwards() {
  const none = document.querySelector("[data-no-award]");
  if (!none) return;
  const awards = [...document.querySelectorAll("input[name='special_awards']")];
  none.addEventListener("change", () => { if (none.checked) awards.forEach((each) => { each.checked = false; }); });
  awards.forEach((each) => each.addEventListener("change", () => { if (each.checked) none.checked = false; }));
}
