// One file to the server in parts (docs/decisions/0009-uploads.md): started or found again, parts at an offset,
// completed once. A gap in the network is waited out; only a sentence of the server's ends it.
const FIRST_PART = 256 * 1024;
const LEAST_PART = 128 * 1024;
const PART_SECONDS = 3;
const WAITS = [1, 2, 4, 8, 15, 30];

export class Refused extends Error {}
export class Stopped extends Error {}
export class Cancelled extends Error {}

async function sha256(blob) {
  const digest = await window.crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Quick even for large files: size, both ends and samples between. What was sent already is compared in full later.
async function fingerprint(file) {
  if (!window.crypto || !window.crypto.subtle) return `lm-${file.lastModified}`;
  const pieces = [String(file.size), file.slice(0, 65536), file.slice(-65536)];
  for (let step = 1; step < 8; step += 1) {
    const at = Math.floor((file.size / 8) * step);
    pieces.push(file.slice(at, at + 16384));
  }
  return sha256(new Blob(pieces));
}

export class Sender {
  // on: progress(bytes), waiting(seconds), going(); kind() is asked when the bytes are there.
  constructor(file, { startUrl, mostPart, token, kind, on }) {
    Object.assign(this, { file, startUrl, mostPart, token, kind, on });
    this.part = FIRST_PART;
    this.cancelled = false;
    this.request = null;
    this.url = "";
  }

  async run() {
    this.cancelled = false;
    const form = new FormData();
    form.append("name", this.file.name);
    form.append("size", this.file.size);
    form.append("fingerprint", await this.readable(() => fingerprint(this.file)));
    form.append("kind", this.kind(false) || "");
    const state = await this.insist("POST", this.startUrl, form);
    this.url = `${this.startUrl}${state.upload}/`;
    let { offset } = state;
    if (offset && !(await this.isSame())) {
      await this.insist("POST", `${this.url}discard/`, new FormData());
      return this.run();
    }
    while (offset < this.file.size) offset = await this.send(offset);
    return this.complete();
  }

  async isSame() {
    if (!window.crypto || !window.crypto.subtle) return true;
    const { parts } = await this.insist("GET", this.url);
    for (const part of parts) {
      const held = await this.readable(() => sha256(this.file.slice(part.offset, part.offset + part.size)));
      if (held !== part.sha256) return false;
    }
    return true;
  }

  async send(offset) {
    const content = this.file.slice(offset, offset + this.part);
    const began = Date.now();
    const answer = await this.insist("POST", `${this.url}?offset=${offset}`, content, (sent) => this.on.progress(offset + sent));
    const seconds = Math.max((Date.now() - began) / 1000, 0.05);
    // Half a part up or down towards a few seconds each: a slow line loses little, a fast one is not held up.
    const wanted = (content.size / seconds) * PART_SECONDS;
    this.part = Math.round(Math.min(Math.max(wanted, LEAST_PART, this.part / 2), this.part * 2, this.mostPart));
    this.on.progress(answer.offset);
    return answer.offset;
  }

  async complete() {
    const form = new FormData();
    form.append("kind", await this.kind(true));
    if (this.cancelled) throw new Cancelled();
    return this.insist("POST", `${this.url}complete/`, form);
  }

  cancel() {
    this.cancelled = true;
    if (this.request) this.request.abort();
    if (this.wake) this.wake();
    if (this.url) {
      const headers = { "X-CSRFToken": this.token(), Accept: "application/json" };
      fetch(`${this.url}discard/`, { method: "POST", headers, credentials: "same-origin" }).catch(() => {});
    }
  }

  async readable(read) {
    try {
      return await read();
    } catch (error) {
      throw new Stopped("读不到这个文件，可能已被移动或修改。请取消后重新选择。");
    }
  }

  // Until the server has answered with sense.
  async insist(method, url, body, progress) {
    for (let turn = 0; ; turn += 1) {
      if (this.cancelled) throw new Cancelled();
      const answer = await this.ask(method, url, body, progress);
      if (this.cancelled) throw new Cancelled();
      const { status, data } = answer;
      if (data && (status < 300 || (status === 409 && data.offset !== undefined))) return data;
      if (data && status === 422) throw new Refused(data.message);
      if (status === 404) throw new Stopped("这次上传已被放弃或清除，请点“重试”重新上传。");
      if (status === 413) throw new Refused("服务器不接受这么大的数据段，请联系秘书处。");
      if (status && status !== 408 && status !== 429 && status < 500) {
        throw new Stopped("登录可能已失效，或没有权限。请在新窗口重新登录，再回到这里点“重试”。");
      }
      await this.pause(WAITS[Math.min(turn, WAITS.length - 1)]);
      this.on.going();
    }
  }

  pause(seconds) {
    this.on.waiting(seconds);
    return new Promise((resolve) => {
      const done = () => {
        window.clearTimeout(timer);
        window.removeEventListener("online", done);
        this.wake = null;
        resolve();
      };
      const timer = window.setTimeout(done, seconds * 1000);
      window.addEventListener("online", done);
      this.wake = done;
    });
  }

  // XMLHttpRequest, because fetch does not tell how much of a body has left.
  ask(method, url, body, progress) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      this.request = request;
      request.open(method, url);
      request.timeout = 120000;
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("X-CSRFToken", this.token());
      if (body instanceof Blob) request.setRequestHeader("Content-Type", "application/octet-stream");
      if (progress) request.upload.addEventListener("progress", (event) => progress(event.loaded));
      request.addEventListener("loadend", () => {
        this.request = null;
        let data = null;
        try {
          data = JSON.parse(request.responseText);
        } catch (error) {
          data = null;
        }
        resolve({ status: request.status, data });
      });
      request.send(body || null);
    });
  }
}
