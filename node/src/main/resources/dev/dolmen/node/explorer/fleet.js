// What is known of a devnet: its nodes, its links, and of which block each block comes. One event stream says when to
// look again, so that what is shown is what the devnet says of itself, and not what a missed event left behind.
// Tells its listeners 'change' ('nodes', 'links', 'blocks', 'state'), and 'happened' with what the stream says.

import { Api } from './api.js';
import { Paced } from './pace.js';
import { EventStream } from './stream.js';

const PACE_MILLIS = 250;
const POLL_MILLIS = 5_000;
/** Of what happened before the page was opened. */
const RECENT = 200;
/** Blocks of which the parent is remembered. */
const MAX_BLOCKS = 5_000;
/** Asked of a chain at a time: as far back as a fork is looked for. */
export const DEPTH = 60;
/** Asked of one that was known a moment ago. */
const FEW = 6;
/** Chains asked for at a time. */
const MAX_ASKED = 8;

/** Words for a link that hold whoever is named first. */
export const linkName = (link) => `${link.a} – ${link.b}`;

export class Fleet extends EventTarget {
  #base = new Api('/devnet');
  #stream = null;
  #nodesAgain = new Paced(PACE_MILLIS, () => this.#look('nodes'));
  #linksAgain = new Paced(PACE_MILLIS, () => this.#look('links'));
  #chainsAgain = new Paced(PACE_MILLIS, () => this.#readChains());
  /** By node, the last block that the stream told. */
  #told = new Map();

  constructor() {
    super();
    /** By name, in the order of the ring. */
    this.nodes = new Map();
    /** By 'a|b', both ways round being the same link. */
    this.links = new Map();
    /** By hash: { hash, height, parent, entries, seen, read }, as far as known; read is said of one that stands on nothing unknown. */
    this.blocks = new Map();
    this.state = 'connecting';
    this.trouble = null;
    /** When the stream last opened: what it tells at once is past. */
    this.opened = Infinity;
  }

  start() {
    this.#nodesAgain.ask();
    this.#linksAgain.ask();
    this.#listen();
    setInterval(() => {
      if (document.hidden || this.state !== 'live') return;
      this.#nodesAgain.ask();
      this.#linksAgain.ask();
    }, POLL_MILLIS);
    document.addEventListener('visibilitychange', () => (document.hidden ? this.#stream.rest() : this.#stream.wake()));
  }

  link(one, other) {
    return this.links.get(one + '|' + other) ?? this.links.get(other + '|' + one);
  }

  linksOf(name) {
    return [...this.links.values()].filter((link) => link.a === name || link.b === name);
  }

  /** Cuts, heals or slows: { up, delayMillis }, either may be left out. All that fail fail with the first's sentence. */
  async change(links, how) {
    const done = await Promise.allSettled(links.map((link) =>
      this.#base.put(`/links/${encodeURIComponent(link.a)}/${encodeURIComponent(link.b)}`, how)));
    this.#linksAgain.ask();
    const failed = done.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async stopOrStart(name, up) {
    try {
      await this.#base.put('/nodes/' + encodeURIComponent(name), { up });
    } finally {
      this.#nodesAgain.ask();
      this.#linksAgain.ask();
    }
  }

  /** The API of one node. */
  api(name) {
    return new Api(this.nodes.get(name).api);
  }

  #listen() {
    const tell = (kind) => (what) => this.#happened(kind, what);
    this.#stream = new EventStream('/devnet/events?recent=' + RECENT, {
      opened: () => {
        this.opened = performance.now();
        this.#told.clear();
        this.#is('live', null);
        this.#nodesAgain.ask();
        this.#linksAgain.ask();
      },
      lost: (failure) => this.#is('lost', failure.message),
      events: Object.fromEntries(['message', 'block', 'reorg', 'return', 'transaction', 'peer', 'node', 'link', 'leftOut', 'gap']
        .map((kind) => [kind, tell(kind)])),
    });
  }

  #is(state, trouble) {
    this.state = state;
    this.trouble = trouble;
    this.#changed('state');
  }

  #changed(what) {
    this.dispatchEvent(new CustomEvent('change', { detail: what }));
  }

  #happened(kind, what) {
    if (kind === 'block') this.#learn(what);
    if (kind === 'gap') this.#told.clear();
    if (kind === 'reorg') {
      this.#told.delete(what.node);
      what.connected.forEach((hash, i) => i > 0 && this.#note(hash, { height: what.height - what.connected.length + 1 + i, parent: what.connected[i - 1] }));
    }
    if (['block', 'transaction', 'node', 'gap', 'leftOut'].includes(kind)) this.#nodesAgain.ask();
    if (['peer', 'node', 'link', 'gap'].includes(kind)) this.#linksAgain.ask();
    this.dispatchEvent(new CustomEvent('happened', { detail: { event: kind, ...what } }));
  }

  /** A node that went one block further tells which block comes after which. */
  #learn({ node, height, hash }) {
    const before = this.#told.get(node);
    this.#told.set(node, { height, hash });
    if (before && before.height + 1 === height) this.#note(hash, { height, parent: before.hash });
    else this.#note(hash, { height });
  }

  #note(hash, facts) {
    const known = this.blocks.get(hash);
    if (known) return Object.assign(known, facts);
    this.blocks.set(hash, { hash, seen: performance.now(), read: false, ...facts });
    if (this.blocks.size > MAX_BLOCKS) this.blocks.delete(this.blocks.keys().next().value);
    return undefined;
  }

  async #look(what) {
    try {
      if (what === 'nodes') {
        const { nodes } = await this.#base.get('/nodes');
        this.nodes = new Map(nodes.map((node) => [node.name, node]));
        for (const node of nodes) this.#note(node.hash, { height: node.height });
        this.#chainsAgain.ask();
      } else {
        const { links } = await this.#base.get('/links');
        this.links = new Map(links.map((link) => [link.a + '|' + link.b, link]));
      }
      if (this.state === 'live') this.trouble = null;
      this.#changed(what);
    } catch (failure) {
      this.#is(this.state, failure.message);
    }
  }

  /** Asks one node of each tip for what lies below it, where that is not known: mostly one block. */
  async #readChains() {
    const asked = new Map();
    for (const node of this.nodes.values()) {
      if (node.up && !asked.has(node.hash) && !this.blocks.get(node.hash)?.read) asked.set(node.hash, node);
    }
    const some = [...asked.values()].sort((one, other) => other.height - one.height).slice(0, MAX_ASKED);
    await Promise.allSettled(some.map((node) => this.#readChain(node)));
    if (some.length > 0) this.#changed('blocks');
    if (asked.size > some.length) this.#chainsAgain.ask();
  }

  /** The last few blocks; if they stand on nothing that is known, as many as a fork is looked for in. */
  async #readChain(node) {
    for (const depth of [FEW, DEPTH]) {
      const from = Math.max(0, node.height - depth + 1);
      const blocks = await new Api(node.api).headers(from, depth);
      blocks.forEach(({ hash, height, previousHash, transactionCount }, i) => {
        const ground = i === 0 && (depth === DEPTH || from === 0);
        const read = ground || this.blocks.get(hash)?.read === true || this.blocks.get(previousHash)?.read === true;
        this.#note(hash, { height, parent: previousHash, entries: transactionCount, read });
      });
      if (this.blocks.get(node.hash)?.read) return;
    }
  }

  /** The block and those it stands on, newest first, as far as known. */
  chain(hash, most) {
    const chain = [];
    for (let block = this.blocks.get(hash); block !== undefined && chain.length < most; block = this.blocks.get(block.parent)) chain.push(block);
    return chain;
  }
}
