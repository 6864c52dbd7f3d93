// The list of files: dragged or moved by key, kind and name changed in place, previews shown as they are ready.
const WAITS = [2, 2, 3, 3, 5, 5, 8, 8, 10, 10, 15, 15, 20, 20, 30, 30];

export function startList(refresh) {
  let polls = 0;
  let timer = 0;

  const section = () => document.getElementById("files");
  const rows = () => Array.from(section().querySelectorAll("[data-item]"));
  const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

  async function post(url, fields) {
    const body = new URLSearchParams(fields);
    const headers = { Accept: "application/json", "X-CSRFToken": token() };
    try {
      const answer = await fetch(url, { method: "POST", body, headers, credentials: "same-origin" });
      const data = (answer.headers.get("Content-Type") || "").includes("json") ? await answer.json() : {};
      if (answer.ok && data.message !== undefined) return { ok: true, message: data.message };
      return { ok: false, message: data.message || "没有保存：登录可能已失效，请刷新页面后再试。" };
    } catch (error) {
      return { ok: false, message: "网络已断开，没有保存。请稍后再试。" };
    }
  }

  function say(text) { section().querySelector("[data-said]").textContent = text; }

  function show() {
    const list = section();
    rows().forEach((row) => {
      const handle = row.querySelector("[data-handle]");
      if (handle) {
        handle.hidden = false;
        handle.addEventListener("pointerdown", (event) => drag(event, row, handle));
        handle.addEventListener("keydown", (event) => {
          if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
          event.preventDefault();
          shift(row, event.key === "ArrowUp", handle);
        });
      }
      const move = row.querySelector("[data-move]");
      if (move) move.querySelectorAll("button").forEach((button) => button.addEventListener("click", (event) => {
        event.preventDefault();
        shift(row, button.value === "up", button);
      }));
      inPlace(row);
    });
    polls = 0;
    window.clearTimeout(timer);
    if (list.querySelector("[data-preview=pending]")) timer = window.setTimeout(poll, WAITS[0] * 1000);
  }

  function shift(row, isUp, focused) {
    const other = isUp ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (isUp) other.before(row); else other.after(row);
    ends();
    if (focused.disabled) row.querySelector(isUp ? "[value=down]" : "[value=up]").focus(); else focused.focus();
    save();
  }

  function ends() {
    rows().forEach((row, place, all) => {
      const up = row.querySelector("[data-move] [value=up]");
      const down = row.querySelector("[data-move] [value=down]");
      if (up) up.disabled = place === 0;
      if (down) down.disabled = place === all.length - 1;
    });
  }

  // One request after the other, and only the last order counts.
  let saving = null;
  let again = false;
  async function save() {
    if (saving) { again = true; return; }
    do {
      again = false;
      saving = post(section().dataset.orderUrl, rows().map((row) => ["item", row.dataset.item]));
      const answer = await saving;
      say(answer.message);
      if (!answer.ok) { await refresh(); say(answer.message); }
    } while (again);
    saving = null;
  }

  function drag(event, row, handle) {
    if (event.button) return;
    event.preventDefault();
    const list = row.parentElement;
    const before = rows().map((each) => each.dataset.item).join();
    let from = event.clientY;
    handle.setPointerCapture(event.pointerId);
    row.classList.add("is-dragged");
    list.classList.add("is-sorting");
    const moved = (at) => {
      const other = at.clientY < from ? row.previousElementSibling : row.nextElementSibling;
      row.style.transform = `translateY(${at.clientY - from}px)`;
      if (!other) return;
      const box = other.getBoundingClientRect();
      const isPast = at.clientY < from ? at.clientY < box.top + box.height / 2 : at.clientY > box.top + box.height / 2;
      if (!isPast) return;
      const top = row.offsetTop;
      if (at.clientY < from) other.before(row); else other.after(row);
      from += row.offsetTop - top;
      row.style.transform = `translateY(${at.clientY - from}px)`;
    };
    const ended = () => {
      handle.removeEventListener("pointermove", moved);
      handle.removeEventListener("pointerup", ended);
      handle.removeEventListener("pointercancel", ended);
      row.classList.remove("is-dragged");
      list.classList.remove("is-sorting");
      row.style.transform = "";
      ends();
      if (rows().map((each) => each.dataset.item).join() !== before) save();
    };
    handle.addEventListener("pointermove", moved);
    handle.addEventListener("pointerup", ended);
    handle.addEventListener("pointercancel", ended);
  }

  function inPlace(row) {
    const select = row.querySelector("[data-kind-of]");
    const rename = row.querySelector("[data-rename]");
    if (!select || !rename) return;
    const link = row.querySelector("[data-name] a");
    select.hidden = false;
    row.querySelector("[data-kind-word]").hidden = true;
    rename.querySelector("[data-rename-word]").textContent = "改名";
    const change = async (fields) => {
      const answer = await post(row.dataset.changeUrl, { kind: select.value, name: link.textContent, ...fields });
      const error = row.querySelector("[data-row-error]");
      error.textContent = answer.ok ? "" : answer.message;
      error.hidden = answer.ok;
      return answer.ok;
    };
    select.addEventListener("change", async () => {
      if (!(await change({}))) return;
      await refresh();
      say("类别已修改。");
      focusIn(row.dataset.item, "[data-kind-of]");
    });
    rename.addEventListener("click", (event) => {
      event.preventDefault();
      const input = document.createElement("input");
      const full = link.textContent;
      input.value = full;
      input.maxLength = 180;
      input.setAttribute("aria-label", "新的文件名，按回车保存");
      link.hidden = true;
      row.querySelector("[data-name]").appendChild(input);
      input.focus();
      const dot = full.lastIndexOf(".");
      input.setSelectionRange(0, dot > 0 ? dot : full.length);
      let isOver = false;
      const end = async (isKept) => {
        if (isOver) return;
        isOver = true;
        const name = input.value.trim();
        if (isKept && name && name !== full) {
          if (await change({ name })) { await refresh(); say("文件名已修改。"); focusIn(row.dataset.item, "[data-rename]"); return; }
        }
        input.remove();
        link.hidden = false;
        rename.focus();
      };
      input.addEventListener("keydown", (key) => {
        if (key.key === "Enter" && !key.isComposing) { key.preventDefault(); end(true); }
        if (key.key === "Escape") end(false);
      });
      input.addEventListener("blur", () => end(true));
    });
  }

  function focusIn(item, selector) {
    const found = section().querySelector(`[data-item="${item}"] ${selector}`);
    if (found) found.focus();
  }

  async function poll() {
    try {
      const answer = await fetch(section().dataset.previewsUrl, { headers: { Accept: "application/json" }, credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return;
      (await answer.json()).items.forEach(showPreview);
    } catch (error) { /* asked again below */ }
    polls += 1;
    if (polls < WAITS.length && section().querySelector("[data-preview=pending]")) timer = window.setTimeout(poll, WAITS[polls] * 1000);
  }

  function showPreview(one) {
    const tile = section().querySelector(`[data-item="${one.item}"] [data-preview]`);
    if (!tile || tile.dataset.preview !== "pending" || one.state === "pending") return;
    tile.dataset.preview = one.state;
    const word = tile.querySelector("small");
    if (word) word.remove();
    if (one.state !== "ready") return;
    const image = document.createElement("img");
    image.alt = "";
    image.src = one.image;
    tile.replaceChildren ? tile.replaceChildren(image) : (tile.innerHTML = "", tile.appendChild(image));
  }

  document.addEventListener("evidence:shown", show);
  show();
}
