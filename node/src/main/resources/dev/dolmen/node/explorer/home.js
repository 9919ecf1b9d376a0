// The overview: pending entries flow into a strip of blocks; how things stand; pictures.

import { blockInterval, entriesPerSecond, peerDelays, propagation } from './charts.js';
import { count, h, moves } from './dom.js';
import { ago, duration, gist, mark, short } from './words.js';

const SHOWN_BLOCKS = 24;
const SHOWN_PENDING = 5;
/** An entry that a block takes at once is still seen for so long. */
const SEEN_MILLIS = 900;
const FLIGHT_MILLIS = 600;
const TICK_MILLIS = 1000;

export function homePage(live) {
  const pending = pendingBox(live);
  const strip = blockStrip();
  const figures = figureRow();
  const charts = h('div', { class: 'charts' });
  const ticking = setInterval(() => draw(false), TICK_MILLIS);

  function draw(all) {
    figures.show(live);
    if (document.hidden) return;
    if (all) {
      charts.replaceChildren(blockInterval(live.recent), entriesPerSecond(live.recent), propagation(live.arrivals), peerDelays(live.peers));
    } else if (charts.children.length > 0) {
      charts.children[1].replaceWith(entriesPerSecond(live.recent));
    }
  }

  function update(what) {
    if (what === 'chain') strip.show(live.recent);
    if (what === 'pool') pending.show(live.pool);
    if (what === 'chain' || what === 'peers') draw(true);
  }

  if (live.status) for (const what of ['chain', 'pool']) update(what);
  return {
    title: 'Overview',
    element: h('div', {},
      h('section', { class: 'flow', 'aria-label': 'Pending entries and blocks' }, pending.element, h('span', { class: 'arrow', 'aria-hidden': 'true' }, '→'), strip.element),
      figures.element,
      submitForm(live),
      h('section', { 'aria-labelledby': 'pictures-title' }, h('h2', { id: 'pictures-title' }, 'In pictures'), charts)),
    update,
    close() {
      clearInterval(ticking);
      pending.close();
    },
  };
}

/** Entries that wait. One that is taken flies off towards the blocks. */
function pendingBox(live) {
  const list = h('ul', { class: 'waiting-entries' });
  const more = h('p', { class: 'quiet' });
  const title = h('h2', {}, 'Pending');
  const shown = new Map();
  let pool = live.pool;

  function chip(id, text) {
    const words = h('bdi', {}, text);
    const item = h('li', { class: 'chip-entry' }, h('a', { href: '#/entry/' + id }, words));
    shown.set(id, { item, words, since: performance.now(), leaving: false });
    list.append(item);
  }

  function leave(id) {
    const held = shown.get(id);
    if (!held || held.leaving) return;
    held.leaving = true;
    const gone = () => {
      held.item.remove();
      shown.delete(id);
      told();
    };
    if (!moves()) return gone();
    setTimeout(() => {
      held.item.classList.add('taken');
      setTimeout(gone, FLIGHT_MILLIS);
    }, Math.max(0, SEEN_MILLIS - (performance.now() - held.since)));
  }

  function told() {
    const hidden = pool.count - pool.transactions.slice(0, SHOWN_PENDING).length;
    more.textContent = hidden > 0 ? `and ${hidden.toLocaleString('en')} more` : shown.size === 0 ? 'none waits for a block' : '';
    title.textContent = pool.count > 0 ? `Pending ${pool.count.toLocaleString('en')}` : 'Pending';
  }

  function onChange({ detail: { id, state } }) {
    if (state !== 'pending') return leave(id);
    // On some networks a block has it before anybody could ask the pool.
    if (!moves() || shown.has(id) || shown.size >= SHOWN_PENDING) return;
    chip(id, short(id));
    live.api.get('/transactions/' + id).then((entry) => {
      const held = shown.get(id);
      if (held) held.words.textContent = gist(entry.payload, 60);
    }, () => leave(id));
    told();
  }

  live.addEventListener('transaction', onChange);
  told();
  return {
    element: h('div', { class: 'pending' }, title, list, more),
    show(now) {
      pool = now;
      const wait = new Map(now.transactions.slice(0, SHOWN_PENDING).map((entry) => [entry.id, entry]));
      for (const id of [...shown.keys()]) if (!wait.has(id)) leave(id);
      for (const [id, entry] of wait) if (!shown.has(id)) chip(id, gist(entry.payload, 60));
      told();
    },
    close: () => live.removeEventListener('transaction', onChange),
  };
}

/** The newest blocks, newest first; those that stay keep their elements, so that focus stays too. */
function blockStrip() {
  const list = h('ol', { class: 'strip', id: 'blocks', tabindex: '0', 'aria-label': 'The newest blocks, newest first' });
  let known = new Map();

  function card(block, fresh) {
    const level = Math.min(5, Math.ceil(Math.log2(block.transactionCount + 1)));
    return h('li', { class: fresh ? 'fresh' : '' }, h('a', { class: 'stone level-' + level, href: '#/block/' + block.hash },
      h('b', {}, block.height.toLocaleString('en')),
      h('span', { class: 'hash' }, mark(block.hash, 8)),
      h('small', {}, count(block.transactionCount, 'entry', 'entries')),
      h('small', {}, h('time', { datetime: new Date(block.timestamp).toISOString() }, new Date(block.timestamp).toLocaleTimeString('en', { hour12: false })))));
  }

  return {
    element: list,
    show(recent) {
      const first = known.size === 0;
      const next = new Map(recent.slice(0, SHOWN_BLOCKS).map((block) => [block.hash, known.get(block.hash) ?? card(block, !first)]));
      for (const [hash, item] of known) if (!next.has(hash)) item.remove();
      let place = list.firstChild;
      for (const item of next.values()) {
        if (item === place) place = place.nextSibling;
        else list.insertBefore(item, place);
      }
      known = next;
    },
  };
}

function figureRow() {
  const values = ['Height', 'Peers', 'Pending', 'Last block'].map((title) => [title, h('dd', {}, '–')]);
  const waiting = h('dd', { class: 'words', id: 'waiting' }, '–');
  const bar = h('progress', { max: 1, value: 0, 'aria-label': 'Catching up', hidden: true });
  return {
    element: h('dl', { class: 'figures' },
      values.map(([title, value]) => h('div', {}, h('dt', {}, title), value)),
      h('div', { class: 'wide' }, h('dt', {}, 'Waits for'), waiting, bar)),
    show(live) {
      const { status, recent } = live;
      if (!status) return;
      const texts = [status.height, status.peers, status.mempool.transactions].map((number) => number.toLocaleString('en'));
      texts.push(recent.length > 0 && recent[0].height > 0 ? ago(recent[0].timestamp) : 'none yet');
      values.forEach(([, value], i) => {
        if (value.textContent !== texts[i]) value.textContent = texts[i];
      });
      const progress = live.progress();
      const said = status.waitingFor ?? 'nothing but the next block';
      const words = progress && progress.seconds !== null
        ? `${said}; ${Math.round(progress.rate).toLocaleString('en')} blocks a second, ${duration(progress.seconds * 1000)} left` : said;
      if (waiting.textContent !== words) waiting.textContent = words;
      bar.hidden = progress === null;
      if (progress) bar.value = progress.goal > 0 ? progress.height / progress.goal : 0;
    },
  };
}

function submitForm(live) {
  const input = h('input', { id: 'payload', autocomplete: 'off', required: true, maxlength: 100000, placeholder: 'invoice 17 paid' });
  const said = h('p', { id: 'submitted', role: 'status' });
  const button = h('button', { class: 'strong' }, 'Submit');
  async function send(event) {
    event.preventDefault();
    button.disabled = true;
    said.textContent = '';
    try {
      const taken = await live.api.submit(input.value);
      said.replaceChildren('Signed by this node and taken as ', h('a', { class: 'hash', href: '#/entry/' + taken.id }, short(taken.id)));
      input.value = '';
    } catch (failure) {
      said.textContent = 'Not taken: ' + failure.message;
    }
    button.disabled = false;
    input.focus();
  }
  return h('section', { 'aria-labelledby': 'submit-title' }, h('h2', { id: 'submit-title' }, 'Add an entry'),
    h('form', { class: 'submit', onsubmit: send }, h('label', { class: 'unseen', for: 'payload' }, 'What it says'), input, button), said);
}
