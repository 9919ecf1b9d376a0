import { bytesPane } from './bytes.js';
import { count, facts, h } from './dom.js';
import { entryFields } from './fields.js';
import { asText, fromBase64, gist, hex, short, size } from './words.js';

const SHOWN_TEXT = 20_000;

/** A payload as what it is: text where it can be read, else hex. */
export function payload(base64) {
  const bytes = fromBase64(base64);
  if (bytes.length === 0) return h('p', { class: 'quiet' }, 'The payload is empty.');
  const text = asText(bytes);
  const whole = text ?? hex(bytes).replace(/../g, '$& ');
  const cut = whole.length > SHOWN_TEXT;
  return h('div', {},
    h('p', { class: 'quiet' }, text === null ? `${size(bytes.length)}, not text; in hex:` : size(bytes.length) + ' of text:'),
    h('pre', { class: 'payload', tabindex: '0', dir: 'auto' }, cut ? whole.slice(0, SHOWN_TEXT) + '…' : whole));
}

/** One line of a list of entries. */
export function entryLine(entry) {
  return h('li', {},
    h('a', { href: '#/entry/' + entry.id }, h('bdi', {}, gist(entry.payload))),
    h('small', {}, 'by ', h('a', { class: 'hash', href: '#/author/' + entry.author }, short(entry.author)),
      entry.height === undefined ? null : [' in block ', h('a', { href: '#/block/' + entry.hash }, entry.height)],
      ' · ', h('span', { class: 'hash' }, short(entry.id)), ' · ', size(entry.size)));
}

function proof(entry) {
  return entry.state !== 'included'
    ? h('p', { class: 'quiet' }, 'Once a block has it, its proof can be downloaded here.')
    : h('p', { class: 'actions' },
      h('a', { class: 'button', id: 'proof', download: `${entry.id}.proof`, href: entry.proof }, 'Download the proof'),
      h('a', { href: '/verify' }, 'Verify a proof'), ' needs no node and no network.');
}

export function entryPage(live, id) {
  const element = h('div', {}, h('p', { role: 'status' }, 'Looking…'));
  let shown = null;

  function show(entry) {
    shown = entry;
    const included = entry.state === 'included';
    element.replaceChildren(
      h('p', { class: 'pills' }, h('span', { class: 'pill ' + entry.state, id: 'state' }, entry.state),
        included && h('span', {}, 'in block ', h('a', { href: '#/block/' + entry.hash }, entry.height), ', entry ', entry.index, ', ',
          h('span', { id: 'confirmations' }, count(entry.confirmations, 'block')), ' deep')),
      payload(entry.payload),
      facts([
        ['Id', h('span', { class: 'hash' }, entry.id)],
        ['Author', h('a', { class: 'hash', href: '#/author/' + entry.author }, entry.author)],
        ['Expires', 'after block ', entry.expiryHeight.toLocaleString('en')],
        ['Size', size(entry.size)],
      ]),
      proof({ ...entry, proof: live.api.at(`/transactions/${entry.id}/proof`) }),
      raw);
  }

  const raw = h('section', { 'aria-labelledby': 'raw-title' }, h('h2', { id: 'raw-title' }, 'Its canonical bytes'));
  async function load() {
    try {
      show(await live.api.get('/transactions/' + id));
      if (raw.children.length === 1) {
        raw.append(bytesPane(entryFields(await live.api.bytes(`/transactions/${id}/raw`))),
          h('p', {}, h('a', { href: live.api.at(`/transactions/${id}/raw`), download: id + '.entry' }, 'Download the bytes')));
      }
    } catch (failure) {
      element.replaceChildren(h('p', { class: 'bad', role: 'alert' }, failure.message));
    }
  }

  load();
  const reload = ({ detail }) => (!detail.id || detail.id === id) && load();
  live.addEventListener('transaction', reload);
  live.addEventListener('reorg', reload);
  return {
    title: 'Entry ' + short(id),
    element,
    update(what) {
      if (what !== 'chain' || !shown) return;
      if (shown.state === 'pending') load(); // What became of it may have been told before this page listened.
      if (shown.state !== 'included') return;
      const depth = live.status.height - shown.height + 1;
      if (depth > 0) document.getElementById('confirmations').textContent = count(depth, 'block');
    },
    close() {
      live.removeEventListener('transaction', reload);
      live.removeEventListener('reorg', reload);
    },
  };
}
