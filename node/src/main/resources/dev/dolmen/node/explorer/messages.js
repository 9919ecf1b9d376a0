// What the nodes say to one another, line by line, and between the lines what was done to them.

import { h } from './dom.js';
import { linkName } from './fleet.js';
import { inert } from './words.js';

/** Lines kept, and of those shown at a time. */
const KEPT = 1_000;
const SHOWN = 200;
const DRAW_MILLIS = 300;
/** Closer to the end than this, the reader goes along with what comes. */
const AT_END = 40;

const KINDS = {
  hello: 'greeting', ping: 'ping', pong: 'ping', response: 'answer', new_block: 'news', new_transactions: 'news',
};
const CHOICES = [
  ['calm', 'All but pings'], ['all', 'Everything'], ['ask', 'Questions'], ['answer', 'Answers'], ['news', 'News'],
  ['ping', 'Pings'], ['greeting', 'Greetings'], ['done', 'What became of the network'],
];

/** What sort of message it is. */
export const sortOf = (kind) => (Object.hasOwn(KINDS, kind) ? KINDS[kind] : 'ask');

/** By hand: formatting for a language takes longer than all else that makes a line. */
function clock(millis) {
  const at = new Date(millis);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** What is told of the network itself, or null. */
function told({ event, ...what }) {
  switch (event) {
    case 'link': return `the link ${linkName(what)} is ${what.up ? (what.delayMillis > 0 ? `slowed by ${what.delayMillis} ms each way` : 'whole') : 'cut'}`;
    case 'node': return `${what.node} is ${what.up ? 'started' : 'stopped'}`;
    case 'reorg': case 'return': return what.text;
    case 'leftOut': return `${what.happenings.toLocaleString('en')} more than anybody could read`;
    case 'gap': return `${what.missed.toLocaleString('en')} were missed while the connection was lost`;
    default: return null;
  }
}

const whoIsIn = ({ from, to, node, a, b }) => [from, ...(to ?? []), node, a, b].filter((name) => name);

export function messagesPane(fleet) {
  let kept = [];
  let fresh = [];
  let paused = false;
  let waiting = 0;
  let timer = null;
  const list = h('ol', { class: 'lines' });
  const pane = h('div', { class: 'log', role: 'log', 'aria-live': 'off', tabindex: '0', 'aria-label': 'Messages, the newest last' }, list);
  const kind = h('select', { id: 'message-kind', onchange: refill }, CHOICES.map(([value, words]) => h('option', { value }, words)));
  const who = h('select', { id: 'message-who', onchange: refill }, h('option', { value: '' }, 'Everybody'));
  const pause = h('button', { type: 'button', id: 'message-pause', 'aria-pressed': 'false', onclick: () => {
    paused = !paused;
    pause.setAttribute('aria-pressed', String(paused));
    if (!paused) refill();
    titled();
  } }, 'Pause');
  const none = h('p', { class: 'quiet' }, 'Nothing of this sort yet.');
  let offered = '';
  /** Whether the reader is at the end, and goes along with what comes. */
  let follows = true;
  const toEnd = () => { if (follows) pane.scrollTop = pane.scrollHeight; };
  pane.addEventListener('scroll', () => { follows = pane.scrollHeight - pane.scrollTop - pane.clientHeight < AT_END; });
  new ResizeObserver(toEnd).observe(pane);

  function titled() {
    if (!paused) waiting = 0;
    const words = !paused ? 'Pause' : waiting === 0 ? 'Go on' : `Go on (${waiting.toLocaleString('en')} new)`;
    if (pause.textContent !== words) pause.textContent = words;
  }

  function wanted(line) {
    if (kind.value === 'calm' ? line.sort === 'ping' : kind.value !== 'all' && kind.value !== line.sort) return false;
    const names = who.value.split('|');
    return who.value === '' || (names.length === 1 ? line.who.includes(names[0])
      : line.from !== undefined ? names.includes(line.from) && names.some((name) => name !== line.from && line.to.includes(name)) : names.every((name) => line.who.includes(name)));
  }

  function row(line) {
    const time = h('time', { datetime: new Date(line.time).toISOString() }, clock(line.time));
    if (line.sort === 'done') return h('li', { class: 'done' }, time, ' ', h('bdi', {}, inert(line.text)));
    return h('li', { class: line.sort }, time, ' ', h('b', {}, inert(line.from)), ' → ', h('b', {}, line.everyone ? 'everyone' : inert(line.to.join(', '))), ': ', h('bdi', {}, inert(line.text)));
  }

  function append(lines) {
    list.append(...lines.slice(-SHOWN).map(row));
    while (list.children.length > SHOWN) list.firstChild.remove();
    none.hidden = list.children.length > 0;
    toEnd();
  }

  function refill() {
    fresh = [];
    follows = true;
    list.replaceChildren();
    append(kept.filter(wanted));
  }

  function flush() {
    timer = null;
    const lines = fresh.filter(wanted);
    fresh = [];
    if (paused) {
      waiting += lines.length;
      titled();
    } else if (lines.length > 0) {
      append(lines);
    }
  }

  fleet.addEventListener('happened', ({ detail }) => {
    const text = told(detail);
    if (detail.event !== 'message' && text === null) return;
    const line = detail.event === 'message' ? { ...detail, sort: sortOf(detail.kind), who: whoIsIn(detail) }
      : { time: detail.time ?? Date.now(), sort: 'done', text, who: whoIsIn(detail) };
    kept.push(line);
    if (kept.length > 2 * KEPT) kept = kept.slice(-KEPT);
    fresh.push(line);
    if (fresh.length > KEPT) fresh = fresh.slice(-SHOWN);
    timer ??= setTimeout(flush, DRAW_MILLIS);
  });

  return {
    element: h('section', { class: 'messages', 'aria-labelledby': 'messages-title' },
      h('h2', { id: 'messages-title' }, 'Messages'),
      h('div', { class: 'filters' }, h('label', {}, h('span', { class: 'unseen' }, 'Which messages'), kind), h('label', {}, h('span', { class: 'unseen' }, 'Of whom'), who), pause),
      none, pane),
    /** Offers the nodes and links there are. */
    offer() {
      const now = [...fleet.nodes.keys(), ...fleet.links.keys()].join();
      if (now === offered) return;
      offered = now;
      const value = who.value;
      who.replaceChildren(h('option', { value: '' }, 'Everybody'),
        h('optgroup', { label: 'Nodes' }, [...fleet.nodes.keys()].map((name) => h('option', { value: name }, name))),
        h('optgroup', { label: 'Links' }, [...fleet.links].map(([key, link]) => h('option', { value: key }, linkName(link)))));
      who.value = value;
    },
    /** Shows only what has to do with this node or link. */
    only(what) {
      who.value = what;
      refill();
    },
  };
}
