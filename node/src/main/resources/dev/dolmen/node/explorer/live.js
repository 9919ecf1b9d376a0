// Keeps up with a node: one event stream that resumes by itself, and what must be asked when it speaks.
// Tells its listeners 'change' with the name of what changed; and 'reorg', 'transaction' as they come.

import { Api } from './api.js';
import { Paced } from './pace.js';
import { EventStream } from './stream.js';

/** Newest blocks kept for strip and pictures. */
export const WINDOW = 120;
const SHOWN_PENDING = 24;
const MAX_ARRIVALS = 40;
const MAX_SAMPLES = 30;
const POLL_MILLIS = 5000;

/** However much happens, each thing is asked for no more often than this. */
const PACE_MILLIS = { chain: 250, pool: 500, peers: 500 };

export class Live extends EventTarget {
  constructor(base) {
    super();
    this.api = new Api(base);
    this.state = 'connecting';
    this.status = null;
    this.network = null;
    /** Headers, newest first. */
    this.recent = [];
    this.pool = { count: 0, bytes: 0, transactions: [] };
    this.peers = [];
    /** How long after its making each block was heard of here. */
    this.arrivals = [];
    this.samples = [];
    /** Why the last question was not answered, if it was not. */
    this.trouble = null;
    this.closed = false;
    const job = (what, work) => new Paced(PACE_MILLIS[what], () => this.#run(what, work));
    this.jobs = {
      chain: job('chain', () => this.#chain()),
      pool: job('pool', () => this.#pool()),
      peers: job('peers', () => this.#peers()),
    };
  }

  start() {
    this.#listen();
    this.api.get('/network').then((network) => {
      this.network = network;
      this.#changed('network');
    }, (failure) => {
      this.trouble = failure.message;
      this.#changed('state');
    });
    this.poll = setInterval(() => {
      if (this.state !== 'live') return;
      this.#ask('chain');
      this.#ask('peers');
      if (this.status && this.status.mempool.transactions !== this.pool.count) this.#ask('pool');
    }, POLL_MILLIS);
  }

  close() {
    this.closed = true;
    this.stream?.close();
    clearInterval(this.poll);
    Object.values(this.jobs).forEach((job) => job.close());
  }

  #listen() {
    this.stream = new EventStream(this.api.at('/events'), {
      opened: () => {
        this.#is('live');
        this.#askAll(); // Not before: what happened in between would be missed.
      },
      lost: () => {
        const never = this.state === 'connecting';
        this.#is('lost');
        if (never) this.#askAll(); // A node has only so many streams, but answers may still be had.
      },
      events: {
        block: (tip) => {
          this.heard = { hash: tip.hash, at: Date.now() };
          this.#ask('chain');
        },
        reorg: (reorg) => {
          this.recent = [];
          this.#ask('chain');
          this.dispatchEvent(new CustomEvent('reorg', { detail: reorg }));
        },
        gap: () => {
          this.recent = [];
          this.#ask('chain');
        },
        transaction: (change) => {
          this.#ask('pool');
          this.dispatchEvent(new CustomEvent('transaction', { detail: change }));
        },
        peer: () => this.#ask('peers'),
        warning: (warning) => this.dispatchEvent(new CustomEvent('warning', { detail: warning })),
      },
    });
  }

  #is(state) {
    if (this.state !== state) {
      this.state = state;
      this.#changed('state');
    }
  }

  #changed(what) {
    this.dispatchEvent(new CustomEvent('change', { detail: what }));
  }

  #ask(what) {
    this.jobs[what].ask();
  }

  #askAll() {
    for (const what of ['chain', 'pool', 'peers']) this.#ask(what);
  }

  async #run(what, work) {
    try {
      await work();
      this.trouble = null;
      if (!this.closed) this.#changed(what);
    } catch (failure) {
      this.trouble = failure.message;
      if (!this.closed) this.#changed('state');
    }
  }

  async #chain() {
    const status = await this.api.get('/status');
    const oldest = Math.max(0, status.height - WINDOW + 1);
    const known = this.recent[0];
    let blocks = this.recent;
    if (!known || known.hash !== status.hash) {
      const goesOn = known && known.height >= oldest && known.height < status.height;
      let fresh = await this.api.headers(goesOn ? known.height + 1 : oldest, WINDOW);
      if (goesOn && fresh.length > 0 && fresh[0].previousHash === known.hash) {
        fresh = this.recent.slice().reverse().concat(fresh);
      } else if (goesOn) {
        fresh = await this.api.headers(oldest, WINDOW);
      }
      blocks = fresh.reverse().slice(0, WINDOW);
    }
    this.status = status;
    this.recent = blocks;
    this.#sample(status);
    if (this.heard && blocks[0] && blocks[0].hash === this.heard.hash) {
      this.arrivals.push({ height: blocks[0].height, millis: this.heard.at - blocks[0].timestamp });
      this.arrivals.splice(0, this.arrivals.length - MAX_ARRIVALS);
      this.heard = null;
    }
  }

  #sample(status) {
    this.samples.push({ at: performance.now(), height: status.height });
    this.samples.splice(0, this.samples.length - MAX_SAMPLES);
  }

  /** How catching up goes: blocks a second of late, and how many seconds are left at that rate. */
  progress() {
    if (!this.status || !this.status.syncing) return null;
    const first = this.samples[0];
    const last = this.samples[this.samples.length - 1];
    const seconds = (last.at - first.at) / 1000;
    const rate = seconds > 1 ? (last.height - first.height) / seconds : 0;
    const left = Math.max(0, this.status.headerHeight - this.status.height);
    return { height: this.status.height, goal: this.status.headerHeight, rate, seconds: rate > 0 ? left / rate : null };
  }

  async #pool() {
    this.pool = await this.api.get('/mempool?limit=' + SHOWN_PENDING);
  }

  async #peers() {
    this.peers = await this.api.get('/peers');
  }
}
