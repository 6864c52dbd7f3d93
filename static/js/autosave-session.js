// The session ended, or a login elsewhere changed its token: asks until the same person is back, then goes on.
import { sessionState } from "./autosave-wire.js";

const LOGIN_CHECK = 3000;

export class SessionWatch {
  constructor(url, user, resumed, another) {
    this.url = url;
    this.user = user;
    this.resumed = resumed;
    this.another = another;
  }

  start() {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.look(), LOGIN_CHECK);
  }

  async look() {
    if (document.visibilityState === "hidden" || this.looking) return;
    this.looking = true;
    const back = await this.refresh();
    this.looking = false;
    if (!back) this.start();
  }

  // True when the same person is logged in; every form of the page then has the token that counts now.
  async refresh() {
    const state = await sessionState(this.url);
    if (state && state.user === this.user) {
      document.querySelectorAll("input[name='csrfmiddlewaretoken']").forEach((each) => { each.value = state.token; });
      this.resumed();
      return true;
    }
    if (state && state.user) this.another();
    return false;
  }
}
