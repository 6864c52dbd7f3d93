// The phone's camera in place of a scanner. The browser reads the code itself where it can (BarcodeDetector); else a
// picture goes to the server every second, which reads it and forgets it. Without camera the page offers a photograph.
import { shown } from "./paper-live.js";

const OUT_OF_SIGHT = 3000; // ms
const box = document.querySelector("[data-camera]");
const live = document.querySelector("[data-live]");
const media = navigator.mediaDevices;

if (box && media && media.getUserMedia) {
  const video = box.querySelector("[data-video]");
  const state = box.querySelector("[data-state]");
  const start = box.querySelector("[data-start]");
  const stop = box.querySelector("[data-stop]");
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const canvas = document.createElement("canvas");
  let stream = null;
  let timer = 0;
  let detector = null;
  let last = { text: "", at: 0 };

  box.hidden = false;
  const insecure = document.querySelector("[data-insecure]");
  if (insecure) insecure.hidden = window.isSecureContext;
  start.addEventListener("click", open);
  stop.addEventListener("click", close);
  document.addEventListener("visibilitychange", () => { if (document.hidden) close(); });
  open();

  async function open() {
    start.hidden = true;
    state.textContent = "正在打开摄像头……";
    try {
      stream = await media.getUserMedia({ video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 } }, audio: false });
    } catch {
      state.textContent = "没有打开摄像头：请在浏览器中允许使用摄像头，或用下面的“拍照”。";
      start.hidden = false;
      return;
    }
    if ("BarcodeDetector" in window) {
      try { detector = new window.BarcodeDetector({ formats: ["qr_code"] }); } catch { detector = null; }
    }
    video.srcObject = stream;
    await video.play();
    stop.hidden = false;
    state.textContent = "请把二维码放进框里。";
    timer = window.setTimeout(look, 300);
  }

  function close() {
    window.clearTimeout(timer);
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    start.hidden = false;
    stop.hidden = true;
    state.textContent = "摄像头已停。";
  }

  async function look() {
    if (!stream) return;
    try {
      const text = await read();
      // The same sheet lies before the camera for a while: once is enough, until it was out of sight.
      const fresh = text && (text !== last.text || Date.now() - last.at > OUT_OF_SIGHT);
      if (text) last = { text, at: Date.now() };
      if (fresh) {
        await sign(text);
        last.at = Date.now();
      }
    } catch {
      state.textContent = "网络断开或登录已过期，请刷新页面。";
    }
    if (stream) timer = window.setTimeout(look, detector ? 250 : 800);
  }

  async function read() {
    if (!video.videoWidth) return "";
    if (detector) {
      const found = await detector.detect(video);
      return found.length ? found[0].rawValue : "";
    }
    const scale = Math.min(1, 1280 / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    const data = new FormData();
    data.set("photo", picture, "camera.jpg");
    const answer = await post(box.dataset.look, data);
    return (await answer.json()).text;
  }

  async function sign(text) {
    state.textContent = "读到了，正在签收……";
    const data = new FormData();
    data.set("q", text);
    data.set("part", "live");
    for (const name of ["shelf", "giver"]) {
      const field = document.getElementById(`id_${name}`);
      data.set(name, field ? field.value : "");
    }
    const answer = await post(box.dataset.post, data);
    shown(live, await answer.text());
    if (navigator.vibrate) navigator.vibrate(80);
    state.textContent = "请扫下一件。";
  }

  async function post(address, data) {
    data.set("csrfmiddlewaretoken", token);
    const answer = await fetch(address, { method: "POST", body: data, credentials: "same-origin" });
    if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
    return answer;
  }
}
