// What the server does not have yet, kept in this browser: by person, page and version. Never shown to another person.
const PREFIX = "qc-draft:";
const DAYS = 7;

function each(action) {
  try {
    Object.keys(localStorage).filter((key) => key.indexOf(PREFIX) === 0).forEach(action);
  } catch (error) {
    // A browser without local storage: the server's copy is the only one.
  }
}

function parsed(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch (error) {
    return null;
  }
}

export class LocalCopy {
  constructor(user, page) {
    this.start = `${PREFIX}${user}:${page}:`;
  }

  read() {
    let found = null;
    each((key) => {
      if (key.indexOf(this.start) !== 0) return;
      const copy = parsed(key);
      if (copy && copy.fields && (!found || copy.at > found.at)) found = copy;
    });
    return found;
  }

  write(copy) {
    this.clear();
    try {
      localStorage.setItem(this.start + copy.version, JSON.stringify(copy));
      return true;
    } catch (error) {
      return false;
    }
  }

  clear() {
    each((key) => { if (key.indexOf(this.start) === 0) localStorage.removeItem(key); });
  }

  // The whole form is on its way: the next page that opens tells that it arrived.
  sent() {
    const copy = this.read();
    if (copy) this.write({ ...copy, sent: true });
  }
}

// On every page: other people's copies go as soon as somebody else is logged in, arrived and old ones too.
export function sweepCopies() {
  const user = document.body.dataset.user;
  if (!user) return;
  const form = document.querySelector("form[data-page]");
  const here = form ? `${PREFIX}${user}:${form.dataset.page}:` : "";
  each((key) => {
    const copy = parsed(key);
    const own = key.indexOf(`${PREFIX}${user}:`) === 0;
    const arrived = copy && copy.sent && !(here && key.indexOf(here) === 0);
    if (!own || !copy || arrived || Date.now() - copy.at > DAYS * 86400000) localStorage.removeItem(key);
  });
}

export function clearCopiesOnLogout() {
  document.addEventListener("submit", (event) => {
    if (/\/accounts\/logout\/$/.test(event.target.action) && !event.defaultPrevented) {
      each((key) => localStorage.removeItem(key));
    }
  });
}
