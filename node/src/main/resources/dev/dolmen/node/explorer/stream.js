// Server-sent events, read by fetch: the browser's own EventSource cannot send a token, and takes a dead connection for
// a quiet one.

import { ask, Refused } from './api.js';

const FIRST_WAIT_MILLIS = 500;
const LONGEST_WAIT_MILLIS = 5_000;
/** The API says something every 15 seconds. */
const SILENCE_MILLIS = 40_000;
/** Characters of one line; the API's longest are some 40,000. */
const LONGEST_LINE = 4_000_000;

export class EventStream {
  #ending = new AbortController();
  #lastId = null;
  #again = null;
  #connection = null;
  #resting = false;

  /**
   * @param opened called when the stream stands, also when it does again
   * @param lost called with what went wrong, each time; it is tried again until it is closed, unless a token is wanted
   * @param events by name of the event, what to do with its data
   */
  constructor(url, { opened, lost, events }) {
    this.url = url;
    this.opened = opened;
    this.lost = lost;
    this.events = events;
    this.#run();
  }

  close() {
    this.#ending.abort();
    clearTimeout(this.#again);
  }

  /** Lets go of the connection, of which a browser has only six for all its tabs. */
  rest() {
    this.#resting = true;
    clearTimeout(this.#again);
    this.#connection?.abort();
  }

  /** Goes on where it rested. */
  wake() {
    if (!this.#resting || this.closed) return;
    this.#resting = false;
    this.#run();
  }

  get closed() {
    return this.#ending.signal.aborted;
  }

  async #run(wait = FIRST_WAIT_MILLIS) {
    let next = Math.min(2 * wait, LONGEST_WAIT_MILLIS);
    const connection = new AbortController();
    this.#connection = connection;
    const end = () => connection.abort();
    this.#ending.signal.addEventListener('abort', end);
    let trouble = new Error('the stream ended');
    try {
      const headers = { Accept: 'text/event-stream' };
      if (this.#lastId !== null) headers['Last-Event-ID'] = this.#lastId;
      const answer = await ask(this.url, { headers, cache: 'no-store', signal: connection.signal });
      next = FIRST_WAIT_MILLIS;
      this.opened();
      await this.#read(answer.body, connection);
    } catch (failure) {
      trouble = failure;
    }
    this.#ending.signal.removeEventListener('abort', end);
    connection.abort();
    if (this.closed || connection !== this.#connection || this.#resting) return;
    this.lost(trouble);
    if (this.closed || (trouble instanceof Refused && trouble.wantsToken)) return;
    this.#again = setTimeout(() => this.#run(next), wait);
  }

  async #read(body, connection) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let silence = null;
    let rest = '';
    const event = { name: 'message', data: [], id: null };
    for (;;) {
      silence = setTimeout(() => connection.abort(), SILENCE_MILLIS);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done || this.closed) return;
      const lines = (rest + value).split('\n');
      rest = lines.pop();
      if (rest.length > LONGEST_LINE) throw new Error('an event without an end');
      for (const line of lines) this.#take(line, event);
    }
  }

  #take(line, event) {
    if (line === '') {
      if (event.id !== null) this.#lastId = event.id;
      if (event.data.length > 0 && Object.hasOwn(this.events, event.name)) this.events[event.name](JSON.parse(event.data.join('\n')));
      Object.assign(event, { name: 'message', data: [], id: null });
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event.name = value;
    else if (field === 'data') event.data.push(value);
    else if (field === 'id') event.id = value;
  }
}
