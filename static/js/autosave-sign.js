// What the page says about saving: the sign in its head, who else is here, notes, the offer to restore a local copy.
export class Sign {
  constructor() {
    this.box = document.querySelector("[data-save-sign]");
    this.text = document.querySelector("[data-save-text]");
    this.login = document.querySelector("[data-save-login]");
  }

  show(state, text) {
    if (!this.box) return;
    this.box.dataset.state = state;
    if (this.text.textContent !== text) this.text.textContent = text;
    this.login.hidden = state !== "expired";
  }

  people(sentences) {
    const box = document.querySelector("[data-presence]");
    if (!box || !sentences) return;
    const text = sentences.join("；");
    const place = box.querySelector("[data-presence-text]");
    // Only somebody new is worth reading out; the time alone changes silently.
    const names = (line) => line.replace(/（[^）]*）/g, "");
    place.setAttribute("aria-live", names(place.textContent) === names(text) ? "off" : "polite");
    if (place.textContent !== text) place.textContent = text;
    box.hidden = !sentences.length;
  }
}

function button(text, kind, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `btn btn--medium ${kind}`;
  made.textContent = text;
  made.addEventListener("click", action);
  return made;
}

function paragraph(text, kind) {
  const made = document.createElement("p");
  made.className = kind;
  made.textContent = text;
  return made;
}

function note(kind, children) {
  const box = document.createElement("div");
  box.className = `note ${kind}`;
  const inner = document.createElement("div");
  children.forEach((child) => inner.appendChild(child));
  box.appendChild(inner);
  return box;
}

export function tell(text, action) {
  const place = document.querySelector("[data-autosave-note]");
  if (!place) return;
  place.textContent = "";
  if (!text) return;
  const children = [paragraph(text, "")];
  if (action) children.push(button(action.text, "btn--secondary note__action", action.run));
  const box = note("note--slim", children);
  box.setAttribute("role", "status");
  place.appendChild(box);
}

export function offerCopy(copy, labels, restore, discard) {
  const place = document.querySelector("[data-local-copy]");
  if (!place) return;
  const at = new Date(copy.at).toLocaleString("zh-CN", { month: "long", day: "numeric", hour: "2-digit", minute: "2-digit" });
  const done = (action) => () => {
    place.hidden = true;
    place.textContent = "";
    action();
  };
  const row = document.createElement("div");
  row.className = "btn-row note__action";
  row.appendChild(button("恢复", "btn--primary", done(restore)));
  row.appendChild(button("放弃", "", done(discard)));
  place.textContent = "";
  place.appendChild(note("note--amber", [
    paragraph("本机保存有尚未上传的内容", "note__title"),
    paragraph(`${at} 填写：${labels.join("、")}。恢复后会自动保存；放弃后以已保存的内容为准。`, ""),
    row,
  ]));
  place.hidden = false;
}
