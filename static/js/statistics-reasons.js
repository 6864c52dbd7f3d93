// 已核实，原因 beside a warning of attachment 3. A reason is sent by itself once the number it speaks of is stored;
// without this script the save button carries it along.
const PAUSE = 900;
const SHORTEST = 5;

export class Reasons {
  constructor(form) {
    this.form = form;
    this.kept = new Map(); // code -> what was typed, should the warning go and come back
    this.waiting = new Set(); // codes to be sent
    form.querySelectorAll("[data-code]").forEach((box) => this.found(box));
    form.addEventListener("input", (event) => this.typed(event.target, PAUSE));
    form.addEventListener("change", (event) => this.typed(event.target, 0));
    form.addEventListener("keydown", (event) => this.entered(event));
    form.addEventListener("autosave:saved", () => this.plan(0));
  }

  box(code) { return this.form.querySelector(`[data-code="${code}"]`); }

  // As the server made the page.
  found(box) {
    const field = box.querySelector("[data-reason] input:not([type=hidden])");
    if (!field) return;
    box.dataset.facts = box.querySelector("[data-reason] input[type=hidden]").value;
    box.dataset.given = box.querySelector(".is-given") ? field.value : "";
    if (field.value) this.kept.set(box.dataset.code, field.value);
  }

  // The reason is meant for the number as it is now.
  accept(box) {
    const code = box.dataset.code;
    box.querySelector(`[name="facts-${code}"]`).value = box.dataset.facts;
    this.waiting.add(code);
    this.plan(0);
  }

  typed(input, wait) {
    const box = input.closest && input.closest("[data-code]");
    if (!box || !input.closest("[data-reason]")) return;
    const code = box.dataset.code;
    const field = box.querySelector(`[name="reason-${code}"]`);
    if (input.tagName === "SELECT") {
      if (!input.value) return;
      field.value = input.value;
      input.value = "";
      field.focus();
    } else if (input !== field) return;
    if (this.kept.get(code) !== field.value) {
      box.querySelector(`[name="facts-${code}"]`).value = box.dataset.facts;
      this.say(box, "");
    }
    this.kept.set(code, field.value);
    if (field.value.trim() === box.dataset.given) { this.waiting.delete(code); this.said(box); return; }
    if (field.value.trim().length < SHORTEST && wait) return;
    if (!field.value.trim()) { this.waiting.delete(code); return; }
    this.waiting.add(code);
    this.plan(wait);
  }

  // Enter in a reason is no press of the save button: it keeps the reason.
  entered(event) {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches("[data-reason] input")) return;
    event.preventDefault();
    if (event.target.value.trim()) this.accept(event.target.closest("[data-code]"));
  }

  plan(wait) {
    window.clearTimeout(this.timer);
    if (this.waiting.size) this.timer = window.setTimeout(() => this.send(), wait);
  }

  async send() {
    const codes = [...this.waiting].filter((code) => this.box(code));
    if (this.busy || !codes.length) return;
    const body = new URLSearchParams();
    const sent = {};
    codes.forEach((code) => {
      const box = this.box(code);
      sent[code] = box.querySelector(`[name="reason-${code}"]`).value.trim();
      body.append(`reason-${code}`, sent[code]);
      body.append(`facts-${code}`, box.querySelector(`[name="facts-${code}"]`).value);
    });
    this.busy = true;
    try {
      const answer = await fetch(this.form.dataset.explain, {
        method: "POST", body, redirect: "error", headers: { "X-CSRFToken": this.form.elements.csrfmiddlewaretoken.value },
      });
      const said = await answer.json();
      codes.forEach((code) => this.answered(code, sent[code], said));
    } catch (error) {
      // Without a network it goes with the next autosave, or with the save button.
    } finally {
      this.busy = false;
    }
    if (codes.some((code) => this.wroteOn(code, sent[code]))) this.plan(PAUSE);
  }

  // Whether more was typed while the answer was on its way.
  wroteOn(code, reason) {
    const box = this.box(code);
    return Boolean(box) && this.waiting.has(code) && box.querySelector(`[name="reason-${code}"]`).value.trim() !== reason;
  }

  answered(code, reason, said) {
    const box = this.box(code);
    if (!box) return;
    if (this.wroteOn(code, reason)) {
      if (!said.message && !said.errors[code]) box.dataset.given = reason;
      return;
    }
    if (said.message) { this.say(box, said.message, "text-red"); return; }
    // The number itself is not stored yet: once it is, the reason goes again.
    if (said.changed.includes(code)) { this.say(box, "等待数字保存…"); return; }
    this.waiting.delete(code);
    if (said.errors[code]) { this.say(box, said.errors[code], "text-red"); return; }
    box.dataset.given = reason;
    this.form.dispatchEvent(new CustomEvent("reasons:given", { bubbles: true, detail: { code } }));
    this.said(box);
  }

  say(box, text, kind = "") {
    const place = box.querySelector("[data-said]");
    const words = document.createElement("span");
    words.className = kind;
    words.textContent = text;
    place.replaceChildren(...(text ? [words] : []));
    box.querySelector("[data-reason]").classList.remove("is-given");
  }

  said(box) {
    const tick = document.querySelector("[data-said-template]").content.cloneNode(true);
    box.querySelector("[data-said]").replaceChildren(tick);
    box.querySelector("[data-reason]").classList.add("is-given");
    box.querySelector("[data-stale]").hidden = true;
  }

  // What the server says of a warning: its facts may be others than a moment ago.
  show(box, note) {
    if (!box.querySelector("[data-reason]")) return;
    const field = this.named(box, note.code);
    if (!box.dataset.facts) {
      const typed = this.kept.get(note.code);
      field.value = typed === undefined ? (note.confirmed ? note.reason : "") : typed;
    }
    const same = box.dataset.facts === note.fingerprint;
    if (!same) this.offer(box, note);
    box.dataset.facts = note.fingerprint;
    box.dataset.given = note.confirmed ? note.reason : "";
    const stale = box.querySelector("[data-stale]");
    stale.hidden = !note.stale;
    box.querySelector("[data-old]").textContent = note.reason;
    if (note.confirmed && field.value.trim() === note.reason) {
      box.querySelector(`[name="facts-${note.code}"]`).value = note.fingerprint;
      this.said(box);
    } else if (!same) {
      // Typed for another number, it stays in the field and is asked about again.
      this.waiting.delete(note.code);
      if (!field.value) box.querySelector(`[name="facts-${note.code}"]`).value = note.fingerprint;
      this.say(box, "");
      if (field.value) this.ask(box);
    }
  }

  ask(box) {
    this.say(box, "数字有变化", "text-amber");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link-btn";
    button.textContent = "说明仍然适用";
    button.addEventListener("click", () => this.accept(box));
    box.querySelector("[data-said]").append(" ", button);
  }

  named(box, code) {
    box.dataset.code = code;
    const [field, facts, select] = ["input:not([type=hidden])", "input[type=hidden]", "select"].map(
      (one) => box.querySelector(`[data-reason] ${one}`));
    field.name = `reason-${code}`;
    field.id = `reason-${code}`;
    box.querySelector(".finding__label").htmlFor = field.id;
    box.querySelector("[data-said]").id = `said-${code}`;
    field.setAttribute("aria-describedby", `said-${code}`);
    facts.name = `facts-${code}`;
    select.name = `ready-${code}`;
    return field;
  }

  offer(box, note) {
    const select = box.querySelector("select");
    const reasons = note.stale && !note.ready.includes(note.reason) ? [note.reason, ...note.ready] : note.ready;
    select.replaceChildren(select.options[0], ...reasons.map((reason) => new Option(reason, reason)));
  }
}
