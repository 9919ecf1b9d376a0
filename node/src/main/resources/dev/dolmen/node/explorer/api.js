// What the API of the chosen node says, and the token that some ask for. Rules: docs/api.md

const KEPT_AS = 'dolmen-token';
const UNAUTHORIZED = 401;

/** An answer that is a problem, with the sentence that says what to do. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }

  get wantsToken() {
    return this.status === UNAUTHORIZED;
  }
}

/** Tells 'refused' when the API wants its token, or another than it was sent. */
export const access = new EventTarget();

let token = remembered();

function remembered() {
  try {
    return sessionStorage.getItem(KEPT_AS);
  } catch (forbidden) {
    return null; // Storage may be turned off.
  }
}

/** Sends this token from now on, or none. It is kept until the tab is closed, and is never part of an address. */
export function useToken(text) {
  token = text;
  try {
    if (text === null) sessionStorage.removeItem(KEPT_AS);
    else sessionStorage.setItem(KEPT_AS, text);
  } catch (forbidden) {
    // It holds until the page is left.
  }
}

export const hasToken = () => token !== null;

/** An answer that is no problem, else a Refused is thrown. */
export async function ask(url, options = {}) {
  const sent = token;
  const headers = sent === null ? options.headers : { ...options.headers, Authorization: 'Bearer ' + sent };
  const answer = await fetch(url, { ...options, headers });
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    const refused = new Refused(answer.status, problem.detail || answer.statusText);
    // One that was sent before somebody signed in says nothing of the token they gave.
    if (refused.wantsToken && sent === token) access.dispatchEvent(new Event('refused'));
    throw refused;
  }
  return answer;
}

export class Api {
  /** @param base the path below which the node's API is: /v1, or /devnet/nodes/NAME/v1 */
  constructor(base) {
    this.base = base;
  }

  /** Where a link to this path leads. */
  at(path) {
    return this.base + path;
  }

  async get(path) {
    return (await ask(this.at(path), { headers: { Accept: 'application/json' } })).json();
  }

  async bytes(path) {
    return new Uint8Array(await (await ask(this.at(path))).arrayBuffer());
  }

  async put(path, value) {
    return (await ask(this.at(path), { method: 'PUT', body: JSON.stringify(value) })).json();
  }

  /** Headers of the best chain, ascending. */
  headers(from, limit) {
    return this.get(`/blocks?from=${from}&limit=${limit}&transactions=false`);
  }

  /** Hands in an entry: text, or the bytes of a file. */
  async submit(payload) {
    return (await ask(this.at('/transactions'), { method: 'POST', body: payload })).json();
  }
}
