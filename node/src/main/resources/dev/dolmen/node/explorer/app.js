// The page: which node is looked at, which view is shown, what is said of the connection.

import { count, h } from './dom.js';
import { access, ask, hasToken, useToken } from './api.js';
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
/** By then a download has begun, and its bytes need not be kept here any more. */
const DOWNLOAD_MILLIS = 60_000;

const $ = (id) => document.getElementById(id);
let live = null;
let view = null;
let toldHeight = null;
let toldAt = -Infinity;
/** The board of a devnet, and which of its nodes do not run, by the path of their API. */
let board = null;
const stopped = new Set();

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
  $('title').textContent = view.title;
  $('title').classList.toggle('unseen', page === '');
  $('view').replaceChildren(view.element);
  $('devnet').hidden = board === null || page !== '';
  board?.shown();
  for (const link of $('pages').children) {
    const here = link.getAttribute('href') === '#/' + page || (page === 'block' && link.hash === '#/blocks') || (page === 'peer' && link.hash === '#/peers');
    if (here) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  titled();
  if (focus) {
    scrollTo(0, 0);
    $('title').focus({ preventScroll: true });
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
    live.state === 'stopped' ? 'stopped'
      : live.state === 'lost' ? 'connection lost; trying again'
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
  board?.looked(base);
  show(false);
  if (stopped.has(base)) rest();
  else live.start();
}

/** A node that was stopped is not asked: it could only be silent. */
function rest() {
  live.close();
  live.state = 'stopped';
  showConnection();
}

function known(base, up) {
  if (up) stopped.delete(base);
  else stopped.add(base);
  if (base !== live.api.base) return;
  if (up && live.state === 'stopped') use(base);
  else if (!up && live.state !== 'stopped') rest();
}

/** On a devnet there are several nodes to look at, and more to do with them: that is devnet.js. */
async function begin() {
  let nodes = [];
  try {
    nodes = (await (await ask('/devnet/nodes')).json()).nodes;
  } catch (failure) {
    if (failure.wantsToken) return;
    // Then it is one node's page, which says itself what it cannot ask.
  }
  if (nodes.length === 0) {
    use('/v1');
    return;
  }
  const chooser = $('node');
  chooser.replaceChildren(...nodes.map((node) => h('option', { value: node.api }, name(node.name, node.api))));
  $('chooser').hidden = false;
  chooser.addEventListener('change', () => use(chooser.value));
  for (const node of nodes) if (!node.up) stopped.add(node.api);
  const devnet = await import('./devnet.js');
  board = devnet.start({
    element: $('devnet'),
    nodes,
    choose: (base) => {
      chooser.value = base;
      if (base !== live.api.base) use(base);
    },
    known,
  });
  use(nodes[0].api);
}

/** Some APIs want a token. It goes into no address and no cookie. */
function askForToken() {
  if (!$('sign-in').hidden) return;
  live?.close();
  $('signed-in').hidden = true;
  $('sign-in-said').textContent = hasToken() ? 'The token that was sent is not the one.' : '';
  useToken(null);
  $('sign-in').hidden = false;
  $('content').hidden = $('facts').hidden = true;
  $('live').className = 'dot';
  $('live-text').textContent = 'wants a token';
  $('token').focus();
}

async function signIn(event) {
  event.preventDefault();
  const given = $('token').value.trim();
  // A header can carry nothing else, and no token has anything else.
  if (!/^[\x21-\x7e]+$/.test(given)) {
    $('sign-in-said').textContent = 'A token has letters, digits and signs, without spaces.';
    return;
  }
  useToken(given);
  try {
    await ask('/v1/status');
  } catch (failure) {
    useToken(null);
    $('sign-in-said').textContent = failure.wantsToken ? 'That is not the token.' : failure.message;
    return;
  }
  $('token').value = '';
  $('sign-in').hidden = true;
  $('content').hidden = $('facts').hidden = false;
  showSignedIn();
  begin();
}

/** A link sends no token; so where there is one, its file is asked for here and then handed over. */
async function download(link) {
  const file = URL.createObjectURL(await (await ask(link.getAttribute('href'))).blob());
  h('a', { href: file, download: link.download }).click();
  setTimeout(() => URL.revokeObjectURL(file), DOWNLOAD_MILLIS);
}

function showSignedIn() {
  $('signed-in').hidden = !hasToken();
}

access.addEventListener('refused', askForToken);
$('sign-in').addEventListener('submit', signIn);
$('sign-out').addEventListener('click', () => {
  useToken(null);
  location.reload();
});
document.addEventListener('click', (event) => {
  const link = event.target.closest('a[download]');
  if (link === null || !hasToken() || !link.getAttribute('href').startsWith('/')) return;
  event.preventDefault();
  download(link).catch((failure) => {
    $('news').textContent = 'Not downloaded: ' + inert(failure.message);
    $('news').hidden = false;
  });
});
addEventListener('hashchange', () => live && show(true));
$('skip').addEventListener('click', (event) => {
  event.preventDefault(); // The place behind '#' names a view.
  $('content').focus();
});
$('search').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = $('query').value.trim();
  if (text) location.hash = '#/search/' + encodeURIComponent(text);
});

showSignedIn();
begin();
