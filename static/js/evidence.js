// The evidence page: files dropped and sent in parts, the list arranged in place, previews as they are ready.
import { startList } from "./evidence-list.js";
import { startUploads } from "./evidence-upload.js";

// The page says what it holds in one way only, in its template: after a change that part is fetched again.
let refreshing = Promise.resolve();
export function refresh() {
  refreshing = refreshing.then(async () => {
    const answer = await fetch(window.location.pathname, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    ["#files", "#unfinished", ".filing-sections-wide"].forEach((selector) => {
      const now = document.querySelector(selector);
      const next = page.querySelector(selector);
      if (now && next) now.replaceWith(document.importNode(next, true));
    });
    const token = page.querySelector("#upload [name=csrfmiddlewaretoken]");
    const held = document.querySelector("#upload [name=csrfmiddlewaretoken]");
    if (token && held) held.value = token.value;
    document.dispatchEvent(new CustomEvent("evidence:shown"));
  }).catch(() => {});
  return refreshing;
}

const form = document.getElementById("upload");
if (form) startUploads(form, refresh);
startList(refresh);
