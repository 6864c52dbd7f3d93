// What a scan brings back, for the desk and for the phone; and its sound, which is off until somebody wants it.
let audio = null;

function wanted() {
  const box = document.querySelector("[data-sound]");
  return Boolean(box && box.checked);
}

function tone(frequency, from, seconds) {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0.2, audio.currentTime + from);
  gain.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + from + seconds);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(audio.currentTime + from);
  oscillator.stop(audio.currentTime + from + seconds);
}

export function sound(result) {
  const Context = window.AudioContext || window.webkitAudioContext;
  if (!wanted() || !Context) return;
  audio = audio || new Context();
  if (result === "received") tone(1320, 0, 0.15);
  else { tone(330, 0, 0.2); tone(262, 0.25, 0.3); }
}

export function shown(live, html) {
  const made = new DOMParser().parseFromString(html, "text/html");
  live.replaceChildren(...made.body.childNodes);
  const result = live.querySelector("[data-result]");
  if (result) sound(result.dataset.result);
}
