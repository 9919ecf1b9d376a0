import { bytesPane } from './bytes.js';
import { count, facts, h } from './dom.js';
import { entryLine } from './entry.js';
import { blockFields } from './fields.js';
import { ago, size, time } from './words.js';

const ENTRIES_AT_ONCE = 50;
const ENTRIES_IN_BYTES = 20;

/** More of a long list at each press. */
function paged(items, line) {
  const list = h('ul', { class: 'list' });
  const more = h('button', { type: 'button', onclick: next });
  function next() {
    const from = list.children.length;
    list.append(...items.slice(from, from + ENTRIES_AT_ONCE).map(line));
    const left = items.length - list.children.length;
    more.hidden = left === 0;
    more.textContent = `Show ${Math.min(left, ENTRIES_AT_ONCE)} of ${left.toLocaleString('en')} more`;
    if (from > 0) list.children[from].querySelector('a').focus();
  }
  next();
  return [list, more];
}

export function blockPage(live, wanted) {
  const element = h('div', {}, h('p', { role: 'status' }, 'Looking…'));
  const view = { title: 'Block', element, update, close };
  let shown = null;

  function depth(confirmations) {
    return confirmations > 0
      ? [h('span', { class: 'pill included' }, 'best chain'), h('span', {}, count(confirmations, 'block'), ' deep')]
      : [h('span', { class: 'pill expired' }, 'another branch'), h('span', {}, 'not on the best chain; see the ', h('a', { href: '#/forks' }, 'forks'))];
  }

  function show(block) {
    shown = block;
    view.title = 'Block ' + block.height.toLocaleString('en');
    const heading = document.querySelector('#content h1');
    if (heading) heading.textContent = view.title;
    const raw = h('section', { 'aria-labelledby': 'raw-title' }, h('h2', { id: 'raw-title' }, 'Its canonical bytes'));
    const entries = block.transactions.length;
    element.replaceChildren(
      h('p', { class: 'pills', id: 'depth' }, depth(block.confirmations)),
      h('nav', { 'aria-label': 'Neighbours', class: 'neighbours' },
        block.height > 0 && h('a', { class: 'button', href: '#/block/' + block.previousHash, rel: 'prev' }, '← ', block.height - 1),
        block.confirmations > 1 && h('a', { class: 'button', href: '#/block/' + (block.height + 1), rel: 'next' }, block.height + 1, ' →')),
      facts([
        ['Hash', h('span', { class: 'hash', id: 'hash' }, block.hash)],
        block.height > 0 && ['Previous', h('a', { class: 'hash', href: '#/block/' + block.previousHash }, block.previousHash)],
        ['Time', time(block.timestamp), ', ', ago(block.timestamp)],
        ['Merkle root', h('span', { class: 'hash' }, block.merkleRoot)],
        ['Target, nonce', `0x${block.bits}, ${block.nonce}`],
        ['Work', block.work, ' hashes on average'],
        ['Size', size(block.size)],
      ]),
      h('section', { 'aria-labelledby': 'entries-title' },
        h('h2', { id: 'entries-title' }, entries === 0 ? 'No entries' : count(entries, 'entry', 'entries')),
        entries > 0 && paged(block.transactions, entryLine)),
      raw);
    live.api.bytes(`/blocks/${block.hash}/raw`).then((bytes) => raw.append(
      entries > ENTRIES_IN_BYTES ? h('p', { class: 'quiet' }, `The header and the first ${ENTRIES_IN_BYTES} entries.`) : '',
      bytesPane(blockFields(bytes, ENTRIES_IN_BYTES)),
      h('p', {}, h('a', { href: live.api.at(`/blocks/${block.hash}/raw`), download: `block-${block.height}` }, 'Download the bytes')),
    ), (failure) => raw.append(h('p', { class: 'bad' }, failure.message)));
  }

  function load() {
    live.api.get('/blocks/' + encodeURIComponent(wanted)).then(show, (failure) =>
      element.replaceChildren(h('p', { class: 'bad', role: 'alert' }, failure.message)));
  }

  function update(what) {
    if (what !== 'chain' || !shown || shown.confirmations === 0) return;
    const confirmations = live.status.height - shown.height + 1;
    if (confirmations === shown.confirmations || confirmations < 1) return;
    const wasTip = shown.confirmations === 1;
    shown.confirmations = confirmations;
    document.getElementById('depth').replaceChildren(...depth(confirmations));
    if (wasTip) {
      element.querySelector('.neighbours').append(h('a', { class: 'button', href: '#/block/' + (shown.height + 1), rel: 'next' }, shown.height + 1, ' →'));
    }
  }

  function close() {
    live.removeEventListener('reorg', load);
  }

  live.addEventListener('reorg', load);
  load();
  return view;
}
