// Reading a scan or making the set takes seconds: ask how far it is, and show the page anew when it is done.
// Without script the page says how to look again.
const place = document.querySelector("[data-paper-progress]");

async function ask() {
  try {
    const answer = await fetch(place.dataset.paperProgress, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      const state = await answer.json();
      if (!state.busy) {
        window.location.replace(window.location.pathname + window.location.search);
        return;
      }
      const bar = place.querySelector("progress");
      if (bar) bar.value = state.percent;
      const text = place.querySelector("[data-text]");
      if (text && state.text) text.textContent = state.text;
    }
  } catch {
    // The network is away for a moment: ask again.
  }
  window.setTimeout(ask, 2000);
}

// Not while somebody is choosing files: a fresh page would forget them.
const input = document.querySelector("input[type='file'][name='files']");
if (place && !(input && input.files.length)) window.setTimeout(ask, 1500);
