// Requests of the autosave: one POST, the state of the session, and how long to wait after a failure.
export async function post(url, token, body, keepalive) {
  const abort = new AbortController();
  const timer = window.setTimeout(() => abort.abort(), 20000);
  try {
    const response = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      redirect: "manual",
      headers: { Accept: "application/json", "X-CSRFToken": token },
      body,
      keepalive: Boolean(keepalive),
      signal: keepalive ? undefined : abort.signal,
    });
    const json = (response.headers.get("Content-Type") || "").indexOf("application/json") === 0;
    return { status: response.status, answer: json ? await response.json() : null };
  } catch (error) {
    return { status: 0, answer: null };
  } finally {
    window.clearTimeout(timer);
  }
}

export async function sessionState(url) {
  try {
    const response = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } });
    return response.ok ? await response.json() : null;
  } catch (error) {
    return null;
  }
}

export function pause(failures) {
  return Math.min(2000 * Math.pow(2, failures), 60000);
}
