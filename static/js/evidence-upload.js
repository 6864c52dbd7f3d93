// Files chosen or dropped: checked against the page's limits first, then sent two at a time, each with a row of its own.
import { Cancelled, Refused, Sender } from "./evidence-send.js";

const AT_ONCE = 2;

export function inWords(bytes) {
  if (bytes < 1024) return `${bytes} 字节`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function startUploads(form, refresh) {
  const limits = {
    bytes: Number(form.dataset.maxBytes), files: Number(form.dataset.maxFiles), total: Number(form.dataset.maxTotal),
    types: form.dataset.types.split(","), part: Number(form.dataset.maxPart),
  };
  const box = form.querySelector("[data-drop]");
  const list = form.querySelector("[data-queue]");
  const template = form.querySelector("[data-queue-row]");
  const live = form.querySelector("[data-live]");
  const input = form.querySelector("[data-plain] input[type=file]");
  const camera = form.querySelector("[data-camera-input]");
  const token = () => form.querySelector("[name=csrfmiddlewaretoken]").value;
  const queue = [];
  let wanted = null;

  form.querySelector("[data-plain]").hidden = true;
  box.hidden = false;
  form.querySelector("[data-choose]").addEventListener("click", () => { wanted = null; input.click(); });
  form.querySelector("[data-camera]").addEventListener("click", () => camera.click());
  [input, camera].forEach((each) => each.addEventListener("change", () => {
    const files = Array.from(each.files);
    each.value = "";
    take(files);
  }));

  // Anywhere on the page: a file that misses the box must not replace the page.
  const carriesFiles = (event) => event.dataTransfer && Array.from(event.dataTransfer.types).includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    box.classList.add("is-over");
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) box.classList.remove("is-over"); });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    box.classList.remove("is-over");
    wanted = null;
    take(Array.from(event.dataTransfer.files));
  });

  const unfinished = () => Array.from(document.querySelectorAll("[data-unfinished]"));
  const active = () => queue.filter((job) => ["queued", "going", "stopped"].includes(job.state));
  const matches = (one, file) => one.dataset.name === file.name && Number(one.dataset.size) === file.size;

  function showUnfinished() {
    unfinished().forEach((one) => {
      one.hidden = active().some((job) => matches(one, job.file));
      const button = one.querySelector("[data-continue]");
      if (!button) return;
      button.hidden = false;
      button.onclick = () => { wanted = one; input.click(); };
    });
    const section = document.querySelector("#unfinished > section");
    if (section) section.hidden = unfinished().every((one) => one.hidden);
  }

  function problemOf(file) {
    const extension = file.name.includes(".") ? file.name.split(".").pop().toLowerCase() : "";
    if (extension === "heic" || extension === "heif" || file.type === "image/heic") return form.dataset.heic;
    if (extension && !limits.types.includes(extension)) {
      return `不能上传 .${extension} 文件。请上传 PDF、JPG、PNG、DOCX、XLSX 或 PPTX${["doc", "xls", "ppt", "wps", "et"].includes(extension) ? "，旧格式请另存为新格式或 PDF" : ""}。`;
    }
    if (!file.size) return "文件是空的，请检查后重新上传。";
    if (file.size > limits.bytes) return `文件超过 ${Math.floor(limits.bytes / 1048576)} MB，请压缩图片或拆成几个文件后再上传。`;
    if (active().some((job) => job.file.name === file.name && job.file.size === file.size)) return "这个文件已经在上传了。";
    const there = document.getElementById("files");
    const resting = unfinished().filter((one) => !matches(one, file) && !active().some((job) => matches(one, job.file)));
    if (Number(there.dataset.files) + resting.length + active().length >= limits.files) {
      return `每项申报最多 ${limits.files} 个文件，请合并后再上传。`;
    }
    const bytes = resting.reduce((sum, one) => sum + Number(one.dataset.size), 0)
      + active().reduce((sum, job) => sum + job.file.size, Number(there.dataset.bytes));
    if (bytes + file.size > limits.total) {
      return `每项申报的文件合计不超过 ${Math.floor(limits.total / 1048576)} MB，请压缩图片或删去不需要的文件。`;
    }
    return "";
  }

  function take(files) {
    files.forEach((file) => {
      const other = wanted && !matches(wanted, file)
        ? `不是同一个文件：要继续的是“${wanted.dataset.name}”（${inWords(Number(wanted.dataset.size))}）。` : "";
      const job = makeJob(file);
      const problem = other || problemOf(file);
      queue.push(job);
      if (problem) finish(job, "refused", problem);
    });
    wanted = null;
    showUnfinished();
    next();
  }

  // The server's table (applications/evidence_kinds.py): the first kind one of whose words stands in the name.
  const words = form.dataset.words.split(";").map((line) => [line.split(":")[0], line.split(":")[1].split("|")]);
  function guess(name) {
    const low = name.toLowerCase();
    const open = Array.from(template.content.querySelectorAll("option"), (option) => option.value);
    const found = words.find(([kind, each]) => open.includes(kind) && each.some((word) => low.includes(word)));
    if (found) return found[0];
    return /\.(jpe?g|jfif|png)$/.test(low) && open.includes("photo") ? "photo" : "";
  }

  function makeJob(file) {
    const row = template.content.querySelector("li").cloneNode(true);
    const find = (name) => row.querySelector(`[data-${name}]`);
    const job = { file, row, state: "queued", find, samples: [], kindChosen: null };
    find("name").textContent = file.name;
    find("size").textContent = inWords(file.size);
    find("text").textContent = "等待上传";
    find("kind").value = guess(file.name);
    find("bar").setAttribute("aria-label", `${file.name} 上传进度`);
    find("cancel").setAttribute("aria-label", `取消 ${file.name}`);
    find("kind").addEventListener("change", () => {
      row.classList.remove("needs-kind");
      if (job.kindChosen && find("kind").value) job.kindChosen(find("kind").value);
    });
    find("cancel").addEventListener("click", () => cancel(job));
    find("retry").addEventListener("click", async () => { await refresh(); job.state = "queued"; say(job, "等待上传"); next(); });
    job.sender = new Sender(file, {
      startUrl: form.dataset.startUrl, mostPart: limits.part, token,
      kind: (isNeeded) => (isNeeded ? kindOf(job) : find("kind").value),
      on: {
        progress: (bytes) => progress(job, bytes),
        waiting: (seconds) => { row.classList.add("is-waiting"); say(job, navigator.onLine ? `连接中断，${seconds} 秒后自动重试` : "网络已断开，恢复后自动继续"); },
        going: () => row.classList.remove("is-waiting"),
      },
    });
    list.appendChild(row);
    return job;
  }

  function kindOf(job) {
    const value = job.find("kind").value;
    if (value) return Promise.resolve(value);
    job.row.classList.add("needs-kind");
    say(job, "已传完，请选择材料类别");
    live.textContent = `${job.file.name} 已传完，请选择材料类别`;
    return new Promise((resolve) => { job.kindChosen = (chosen) => { say(job, "正在检查……"); resolve(chosen); }; });
  }

  function say(job, text) { job.find("text").textContent = text; }

  function progress(job, bytes) {
    const now = Date.now();
    job.samples = [...job.samples.filter((one) => now - one.at < 8000), { at: now, bytes }];
    const percent = Math.floor((bytes / job.file.size) * 100);
    job.find("bar").value = percent;
    const first = job.samples[0];
    const speed = now - first.at > 800 ? ((bytes - first.bytes) / (now - first.at)) * 1000 : 0;
    const left = speed > 0 ? Math.ceil((job.file.size - bytes) / speed) : 0;
    let text = `${percent}%，${inWords(bytes)} / ${inWords(job.file.size)}`;
    if (speed > 0 && left > 0) text += `，${inWords(Math.round(speed))}/秒，约剩 ${left < 90 ? `${left} 秒` : `${Math.ceil(left / 60)} 分钟`}`;
    say(job, percent === 100 ? "正在检查……" : text);
  }

  function next() {
    while (queue.filter((job) => job.state === "going").length < AT_ONCE) {
      const job = queue.find((one) => one.state === "queued");
      if (!job) return;
      run(job);
    }
  }

  async function run(job) {
    job.state = "going";
    job.samples = [];
    job.row.classList.remove("is-waiting", "is-refused");
    job.find("error").hidden = true;
    job.find("retry").hidden = true;
    say(job, "正在准备……");
    try {
      await job.sender.run();
      finish(job, "done", "已上传");
      await refresh();
      job.row.remove();
    } catch (error) {
      if (error instanceof Cancelled) return;
      if (error instanceof Refused) finish(job, "refused", error.message);
      else stop(job, error.message || "上传中断，请重试。");
    } finally {
      next();
    }
  }

  function finish(job, state, text) {
    job.state = state;
    job.row.classList.add(`is-${state}`);
    job.row.classList.remove("is-waiting", "needs-kind");
    if (state === "refused") {
      job.find("error").textContent = text;
      job.find("error").hidden = false;
      say(job, "没有上传");
      job.find("cancel").textContent = "移除";
    } else {
      job.find("bar").value = 100;
      job.find("cancel").hidden = true;
      say(job, text);
      live.textContent = `${job.file.name} 已上传`;
    }
  }

  function stop(job, text) {
    job.state = "stopped";
    job.find("error").textContent = text;
    job.find("error").hidden = false;
    job.find("retry").hidden = false;
    say(job, "已暂停");
  }

  function cancel(job) {
    const wasActive = active().includes(job);
    job.state = "cancelled";
    if (job.kindChosen) job.kindChosen("");
    if (wasActive) job.sender.cancel();
    job.row.remove();
    queue.splice(queue.indexOf(job), 1);
    next();
    form.querySelector("[data-choose]").focus();
  }

  document.addEventListener("evidence:shown", showUnfinished);
  window.addEventListener("beforeunload", (event) => {
    if (!queue.some((job) => job.state === "going" || job.state === "queued")) return;
    event.preventDefault();
    event.returnValue = "";
  });
  showUnfinished();
}
