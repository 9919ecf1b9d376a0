// What the API of the chosen node says. Rules: docs/api.md

/** An answer that is a problem, with the sentence that says what to do. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

async function asked(url, options) {
  const answer = await fetch(url, options);
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Refused(answer.status, problem.detail || answer.statusText);
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
    return (await asked(this.at(path), { headers: { Accept: 'application/json' } })).json();
  }

  async bytes(path) {
    return new Uint8Array(await (await asked(this.at(path))).arrayBuffer());
  }

  /** Headers of the best chain, ascending. */
  headers(from, limit) {
    return this.get(`/blocks?from=${from}&limit=${limit}&transactions=false`);
  }

  /** Hands in an entry: text, or the bytes of a file. */
  async submit(payload) {
    return (await asked(this.at('/transactions'), { method: 'POST', body: payload })).json();
  }
}
