// The page: which node is looked at, which view is shown, what is said of the connection.

import { count, h } from './dom.js';
import { Live } from './live.js';
import { authorPage } from './author.js';
import { blockPage } from './block.js';
import { blocksPage } from './blocks.js';
import { entryPage } from './entry.js';
import { forksPage } from './forks.js';
import { homePage } from './home.js';
import { peerPage, peersPage } from './peers.js';
import { searchPage } from './search.js';
import { duration, inert, name, short } from './words.js';

/** By the first part of what stands behind '#/'. A view is { title, element, update(what), close() }. */
const PAGES = {
  '': homePage, blocks: blocksPage, block: blockPage, entry: entryPage, author: authorPage,
  peers: peersPage, peer: peerPage, forks: forksPage, search: searchPage,
};
const TELL_MILLIS = 5000;

const $ = (id) => document.getElementById(id);
let live = null;
let view = null;
let toldHeight = null;
let toldAt = -Infinity;

function path() {
  const hash = location.hash.replace(/^#\/?/, '');
  try {
    return hash.split('/').map(decodeURIComponent);
  } catch (notEncoded) {
    return ['search', hash];
  }
}

function show(focus) {
  const [page, ...rest] = path();
  if (view) view.close?.();
  view = (Object.hasOwn(PAGES, page) ? PAGES[page] : nowhere)(live, rest.join('/'));
  $('content').replaceChildren(h('h1', { tabindex: '-1', class: page === '' ? 'unseen' : '' }, view.title), view.element);
  for (const link of $('pages').children) {
    const here = link.getAttribute('href') === '#/' + page || (page === 'block' && link.hash === '#/blocks') || (page === 'peer' && link.hash === '#/peers');
    if (here) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  titled();
  if (focus) {
    scrollTo(0, 0);
    $('content').querySelector('h1').focus({ preventScroll: true });
  }
}

function nowhere() {
  return { title: 'Nothing here', element: h('p', {}, 'There is no such page. ', h('a', { href: '#/' }, 'To the overview')) };
}

function titled() {
  const at = live.status ? `${name(live.status.name, 'Dolmen')} at ${live.status.height}` : 'Dolmen';
  document.title = path()[0] === '' ? at : `${view.title} · ${at}`;
}

function showConnection() {
  const state = live.trouble && live.state === 'live' ? 'lost' : live.state;
  $('live').className = 'dot ' + state;
  const status = live.status;
  $('live-text').textContent =
    live.state === 'lost' ? 'connection lost; trying again'
      : live.trouble ? 'no answer: ' + live.trouble
        : live.state === 'connecting' || !status ? 'connecting…'
          : status.syncing ? catchingUp() : 'live';
}

function catchingUp() {
  const { height, goal, rate, seconds } = live.progress();
  return `catching up: ${height.toLocaleString('en')} of ${goal.toLocaleString('en')}`
    + (seconds === null ? '' : `, ${Math.round(rate).toLocaleString('en')} blocks a second, ${duration(seconds * 1000)} left`);
}

function showStatus() {
  const status = live.status;
  $('node-name').textContent = name(status.name, '');
  $('network').textContent = status.network;
  $('network').hidden = false;
  $('version').textContent = 'Dolmen ' + status.version;
  $('peer-id').textContent = short(status.peerId);
  $('peer-id').setAttribute('href', '#/peer/' + status.peerId);
  titled();
  // Told to those who listen rather than look, but not every block of a busy chain.
  if (toldHeight === null) toldHeight = status.height;
  if (status.height !== toldHeight && performance.now() - toldAt > TELL_MILLIS) {
    $('told').textContent = `Block ${status.height}, ${count(live.recent[0]?.transactionCount ?? 0, 'entry', 'entries')}`;
    toldHeight = status.height;
    toldAt = performance.now();
  }
}

/** Looks at the node whose API is below this path. */
function use(base) {
  if (live) live.close();
  live = new Live(base);
  toldHeight = null;
  live.addEventListener('change', ({ detail }) => {
    if (detail === 'chain') showStatus();
    showConnection();
    view.update?.(detail);
  });
  live.addEventListener('warning', ({ detail }) => {
    $('news').textContent = inert(detail.message);
    $('news').hidden = false;
  });
  show(false);
  live.start();
}

/** On a devnet there are several nodes to look at, and more to do with them: that is devnet.js. */
async function offerNodes() {
  const { nodes } = await (await fetch('/devnet/nodes')).json();
  if (nodes.length === 0) return;
  const chooser = $('node');
  chooser.replaceChildren(...nodes.map((node) => h('option', { value: node.api }, name(node.name, node.api))));
  $('chooser').hidden = false;
  const choose = (base) => {
    chooser.value = base;
    use(base);
  };
  chooser.addEventListener('change', () => use(chooser.value));
  choose(nodes[0].api);
  const devnet = await import('./devnet.js');
  devnet.start({ element: $('devnet'), nodes, choose });
}

addEventListener('hashchange', () => show(true));
$('skip').addEventListener('click', (event) => {
  event.preventDefault(); // The place behind '#' names a view.
  $('content').focus();
});
$('search').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = $('query').value.trim();
  if (text) location.hash = '#/search/' + encodeURIComponent(text);
});

use('/v1');
offerNodes();
