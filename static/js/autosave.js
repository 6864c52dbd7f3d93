// <form data-autosave="url" data-page="key">: what changed is saved while one types. Events on the form:
// autosave:saved and autosave:refused, detail = the server's answer. Without this script the save button does it all.
import { Fields } from "./autosave-fields.js";
import { LocalCopy } from "./autosave-local.js";
import { SessionWatch } from "./autosave-session.js";
import { offerCopy, Sign, tell } from "./autosave-sign.js";
import { pause, post } from "./autosave-wire.js";

const TYPING = 800;
const ALIVE = 20000;
const KEEPALIVE_MOST = 60000;

class Autosave {
  constructor(form) {
    this.form = form;
    this.url = form.dataset.autosave;
    this.user = document.body.dataset.user;
    this.seen = JSON.parse(form.elements.seen_fields.value || "{}");
    this.fields = new Fields(form);
    this.keys = Object.keys(this.seen).filter((key) => this.fields.exists(key));
    this.tab = this.nameTab();
    this.local = new LocalCopy(this.user, form.dataset.page);
    this.sign = new Sign();
    this.session = new SessionWatch(this.sign.box.dataset.session, this.user, () => this.resume(),
      () => this.sign.show("expired", "本浏览器已换用其他账号登录，本页内容没有保存"));
    this.base = {};
    this.refused = {};
    this.offer = null;
    this.failures = 0;
    this.state = "ready"; // ready, expired, blocked
    const unsaved = JSON.parse(form.dataset.dirty || "[]");
    this.keys.forEach((key) => { this.base[key] = unsaved.indexOf(key) >= 0 ? null : this.fields.read(key); });
    this.listen();
    this.findCopy();
    // What waited for the login is looked at first: it is sent with the first change, or by the save button.
    this.held = Boolean(document.querySelector("[data-restored]"));
    if (!this.held && this.dirty().length) this.plan(TYPING);
  }

  // With it the server knows its own last answer, should that get lost on the way: no conflict with oneself.
  nameTab() {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = "tab";
    input.value = Math.random().toString(36).slice(2, 14);
    this.form.appendChild(input);
    return input.value;
  }

  listen() {
    this.form.addEventListener("input", () => this.changed(TYPING));
    this.form.addEventListener("change", () => this.changed(50));
    this.form.addEventListener("focusout", () => { if (!this.held && this.sendable().length) this.plan(50); });
    this.form.addEventListener("submit", () => { window.clearTimeout(this.timer); this.local.sent(); });
    document.addEventListener("change", (event) => this.choose(event.target));
    window.addEventListener("online", () => { if (this.dirty().length) { this.failures = 0; this.plan(0); } });
    window.addEventListener("beforeunload", (event) => this.leave(event));
    document.addEventListener("visibilitychange", () => this.look());
    window.addEventListener("focus", () => this.look());
    window.setInterval(() => this.alive(), ALIVE);
  }

  dirty() { return this.keys.filter((key) => this.fields.read(key) !== this.base[key]); }

  // Refused entries go again only together with something new: an error may depend on two fields.
  sendable() { return this.dirty().filter((key) => this.refused[key] !== this.fields.read(key)); }

  changed(wait) {
    this.held = false;
    const dirty = this.dirty();
    if (!dirty.length) {
      if (!this.offer) this.local.clear();
      return;
    }
    this.remember(dirty);
    if (this.state === "ready" && !this.failures) this.sign.show("unsaved", "有内容尚未保存");
    if (this.sendable().length) this.plan(wait);
  }

  plan(wait) {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.save(), this.failures ? Math.max(wait, pause(this.failures - 1)) : wait);
  }

  remember(dirty) {
    const copy = { version: this.form.elements.seen_version.value, at: Date.now(), fields: {}, seen: {} };
    if (this.offer) Object.assign(copy, { fields: { ...this.offer.fields }, seen: { ...this.offer.seen } });
    dirty.forEach((key) => {
      copy.fields[key] = this.fields.pairs(key);
      copy.seen[key] = this.seen[key];
    });
    this.stored = this.local.write(copy);
  }

  body(keys) {
    const body = new URLSearchParams();
    body.append("seen_version", this.form.elements.seen_version.value);
    body.append("seen_fields", JSON.stringify(this.seen));
    body.append("tab", this.tab);
    keys.forEach((key) => {
      body.append("fields", key);
      this.fields.pairs(key).forEach(([name, value]) => body.append(name, value));
      const choice = document.querySelector(`input[name="choice.${key}"]:checked`);
      if (choice) body.append(choice.name, choice.value);
    });
    return body;
  }

  token() { return this.form.elements.csrfmiddlewaretoken.value; }

  async save() {
    if (this.busy || this.state !== "ready" || this.form.dataset.sent || !this.sendable().length) return;
    const keys = this.dirty();
    const sent = {};
    keys.forEach((key) => { sent[key] = this.fields.read(key); });
    this.busy = true;
    this.sign.show("saving", "正在保存…");
    const { status, answer } = await post(this.url, this.token(), this.body(keys));
    this.busy = false;
    this.answered(status, answer, sent);
  }

  answered(status, answer, sent) {
    if (answer && answer.seen) return this.saved(answer, sent);
    if (status === 401) return this.expired();
    if (status === 403 && answer && answer.error === "csrf" && !this.renewing) return this.renew();
    if (status === 403 || status === 404 || (status === 409 && answer)) {
      return this.block(answer ? answer.message : "您现在不能修改本页，内容没有保存。", answer);
    }
    this.failures += 1;
    this.sign.show("offline", status === 0
      ? `网络中断，${this.kept()}，恢复后自动重试` : `服务器暂时没有回应，${this.kept()}，稍后自动重试`);
    return this.plan(0);
  }

  kept() { return this.stored === false ? "内容还在本页" : "已保存在本机"; }

  saved(answer, sent) {
    this.failures = 0;
    this.renewing = false;
    const open = answer.conflicts.map((one) => one.field);
    Object.keys(sent).forEach((key) => {
      if (answer.saved.indexOf(key) >= 0) {
        this.base[key] = sent[key];
        this.seen[key] = answer.seen[key];
        delete this.refused[key];
      } else {
        this.refused[key] = sent[key];
      }
    });
    this.fields.showErrors(Object.keys(sent), answer.errors);
    this.showChoice(answer.choice);
    this.takeTheirs(answer);
    this.store(answer.version);
    this.sign.people(answer.people);
    this.settle(answer.saved_at, open);
    const wrong = open.length || Object.keys(answer.errors).length;
    this.form.dispatchEvent(new CustomEvent(wrong ? "autosave:refused" : "autosave:saved", { bubbles: true, detail: answer }));
    if (answer.note) tell(answer.note, { text: "重新打开本页", run: () => this.reopen() });
  }

  store(version) {
    this.form.elements.seen_version.value = version;
    this.form.elements.seen_fields.value = JSON.stringify(this.seen);
  }

  settle(time, open) {
    if (this.sendable().length) {
      this.changed(TYPING);
      return;
    }
    const left = this.dirty();
    if (left.length) this.remember(left);
    else if (this.offer) this.local.write(this.offer);
    else this.local.clear();
    if (open.length) this.sign.show("unsaved", `有 ${open.length} 项需要您选择，其他内容已保存 ${time}`);
    else if (left.length) this.sign.show("unsaved", `有 ${left.length} 项需要修改，其他内容已保存 ${time}`);
    else this.sign.show("saved", `已保存 ${time}`);
    if (this.reload && !left.length) window.location.reload();
  }

  // Fields that others changed meanwhile and nobody touched here show what is stored.
  takeTheirs(answer) {
    const shown = [];
    const hidden = [];
    Object.keys(answer.theirs).forEach((key) => {
      const { label, entry } = answer.theirs[key];
      if (this.keys.indexOf(key) < 0 || this.fields.read(key) !== this.base[key]) return;
      if (entry === null) { hidden.push(label); return; }
      this.replace(key, entry, answer.seen[key]);
      shown.push(label);
    });
    if (shown.length) tell(`他人刚刚修改了${shown.map((one) => `“${one}”`).join("、")}，本页已换成最新内容。`);
    if (hidden.length) {
      tell(`他人刚刚修改了“${hidden.join("、")}”，重新打开本页后显示。`, { text: "重新打开本页", run: () => this.reopen() });
    }
  }

  replace(key, entry, digest) {
    this.fields.writeEntry(key, entry);
    this.base[key] = this.fields.read(key);
    this.seen[key] = digest;
    delete this.refused[key];
  }

  reopen() { if (!this.dirty().length) window.location.reload(); else this.plan(0); }

  // --- Both sides changed the same field ---

  showChoice(html) {
    const place = document.querySelector("[data-conflicts]");
    if (!place || place.innerHTML.trim() === html.trim()) return;
    const before = place.querySelectorAll("[data-conflict]").length;
    place.innerHTML = html;
    const panel = place.querySelector(".conflicts");
    if (panel && place.querySelectorAll("[data-conflict]").length > before) panel.scrollIntoView({ block: "center" });
  }

  choose(radio) {
    const box = radio.closest && radio.closest("[data-conflict]");
    if (!box) return;
    const key = box.dataset.conflict;
    delete this.refused[key];
    if (radio.value !== "theirs") { this.base[key] = null; this.plan(0); return; }
    const entry = JSON.parse(box.dataset.entry || "null");
    const mine = box.querySelector("input[value^='mine:']").value.slice(5);
    if (entry === null) { this.base[key] = this.fields.read(key); this.seen[key] = mine; this.reload = true; }
    else this.replace(key, entry, mine);
    box.remove();
    if (!document.querySelector("[data-conflict]")) this.showChoice("");
    this.store(this.form.elements.seen_version.value);
    this.settle(new Date().toTimeString().slice(0, 8), Array.from(document.querySelectorAll("[data-conflict]")));
  }

  // --- The session ended, or its token changed ---

  expired() {
    this.state = "expired";
    if (this.dirty().length) this.remember(this.dirty());
    this.sign.show("expired", this.dirty().length ? `登录已过期，${this.kept()}，重新登录后自动保存` : "登录已过期，请重新登录后继续填写");
    this.session.start();
  }

  look() {
    if (this.state === "expired") this.session.look();
    else this.alive();
  }

  resume() {
    this.state = "ready";
    this.failures = 0;
    if (this.sendable().length) this.plan(0);
    else this.sign.show("saved", "已重新登录");
  }

  async renew() {
    this.renewing = true;
    if (!await this.session.refresh()) this.expired();
  }

  block(message, answer) {
    this.state = "blocked";
    if (this.dirty().length) this.remember(this.dirty());
    this.sign.show("offline", message);
    this.form.dispatchEvent(new CustomEvent("autosave:refused", { bubbles: true, detail: answer || { message } }));
  }

  async alive() {
    if (document.visibilityState === "hidden" || this.state !== "ready" || this.busy || this.failures) return;
    const { status, answer } = await post(this.url, this.token(), new URLSearchParams());
    if (status === 401) this.expired();
    else if (status === 403 && answer && answer.error === "csrf" && !this.renewing) this.renew();
    else if (answer && answer.people) { this.renewing = false; this.sign.people(answer.people); }
  }

  // --- Leaving and coming back ---

  leave(event) {
    if (this.form.dataset.sent || this.reload || !this.dirty().length) return;
    const keys = this.sendable();
    const body = this.body(keys);
    const safe = this.state === "ready" && !this.held && !this.failures && navigator.onLine !== false
      && keys.length === this.dirty().length && body.toString().length < KEEPALIVE_MOST;
    if (safe) {
      post(this.url, this.token(), body, true);
      return;
    }
    event.preventDefault();
    event.returnValue = "";
  }

  findCopy() {
    const copy = this.local.read();
    if (!copy) return;
    const keys = Object.keys(copy.fields).filter(
      (key) => this.keys.indexOf(key) >= 0 && JSON.stringify(copy.fields[key]) !== this.fields.read(key));
    if (!keys.length) { this.local.clear(); return; }
    this.offer = { ...copy, sent: false };
    offerCopy(copy, keys.map((key) => this.fields.label(key)), () => this.restore(copy, keys), () => {
      this.offer = null;
      this.local.clear();
      this.changed(TYPING);
    });
  }

  restore(copy, keys) {
    this.offer = null;
    keys.forEach((key) => {
      this.fields.writePairs(key, copy.fields[key]);
      this.seen[key] = copy.seen[key] || this.seen[key];
      this.base[key] = this.base[key] === this.fields.read(key) ? this.base[key] : null;
    });
    this.changed(0);
  }
}

document.querySelectorAll("form[data-autosave]").forEach((form) => {
  if (form.dataset.autosave) new Autosave(form);
});
