'use strict';

// Shows what the API of the chosen node says. Everything is set as text, so nothing a stranger wrote becomes markup.

const SHOWN_BLOCKS = 12;
const SHOWN_ENTRIES = 10;
const POLL_MILLIS = 3000;

const $ = (id) => document.getElementById(id);
let api = '/v1';
let stream = null;
let blocks = [];
let chosen = null;
let refreshing = false;
let refreshAgain = false;

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

async function get(path) {
  const answer = await fetch(path, { headers: { Accept: 'application/json' } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail || answer.statusText);
  return body;
}

const short = (hex) => hex.slice(0, 10) + '…';

function words(base64) {
  const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)) {
      return text.length > 200 ? text.slice(0, 200) + '…' : text || '(empty)';
    }
  } catch (notText) {
    // Shown as bytes below.
  }
  return bytes.length + ' bytes, not text';
}

function live(on, text) {
  $('live').classList.toggle('on', on);
  $('live-text').textContent = text;
}

function replace(list, items, none) {
  list.replaceChildren(...(items.length ? items : [element('li', none, 'none')]));
}

function showStatus(status) {
  document.title = 'Dolmen: ' + status.name + ' at ' + status.height;
  $('network').textContent = status.network;
  $('height').textContent = status.height;
  $('peer-count').textContent = status.peers;
  $('pending-count').textContent = status.mempool.transactions;
  $('waiting').textContent = status.waitingFor || 'nothing but the next block';
  $('version').textContent = 'Dolmen ' + status.version;
  $('peer-id').textContent = status.peerId;
  live(true, status.name + (status.syncing ? ' is catching up' : ' is up to date'));
}

function showBlocks(fresh) {
  const before = blocks.map((block) => block.hash);
  if (fresh.map((block) => block.hash).join() === before.join()) return;
  const known = new Set(before);
  const first = before.length === 0;
  const focused = before[[...$('blocks').children].findIndex((item) => item.contains(document.activeElement))];
  blocks = fresh;
  $('blocks').replaceChildren(...fresh.map((block) => {
    const item = element('li', undefined, !first && !known.has(block.hash) ? 'new' : '');
    const button = element('button');
    button.type = 'button';
    button.setAttribute('aria-pressed', String(block.hash === chosen));
    button.append(
      element('b', block.height),
      element('span', short(block.hash), 'hash'),
      element('small', block.transactionCount === 1 ? '1 entry' : block.transactionCount + ' entries'),
      element('small', new Date(block.timestamp).toLocaleTimeString()));
    button.addEventListener('click', () => choose(block.hash));
    item.append(button);
    return item;
  }));
  const place = fresh.findIndex((block) => block.hash === focused);
  if (place >= 0) $('blocks').children[place].firstChild.focus();
}

function choose(hash) {
  chosen = chosen === hash ? null : hash;
  for (const [i, item] of [...$('blocks').children].entries()) {
    item.firstChild.setAttribute('aria-pressed', String(blocks[i].hash === chosen));
  }
  showBlock(blocks.find((block) => block.hash === chosen));
}

function showBlock(block) {
  const detail = $('block');
  detail.hidden = !block;
  if (!block) return;
  const title = element('h3', 'Block ' + block.height);
  title.id = 'block-title';
  const facts = element('dl');
  for (const [name, value] of [
    ['Hash', block.hash], ['Previous', block.previousHash], ['Merkle root', block.merkleRoot],
    ['Time', new Date(block.timestamp).toISOString()], ['Size', block.size + ' bytes'],
    ['Target, nonce', block.bits + ', ' + block.nonce]]) {
    facts.append(element('dt', name), element('dd', value, /^[0-9a-f]{64}$/.test(value) ? 'hash' : ''));
  }
  const list = element('ul', undefined, 'list');
  replace(list, block.transactions.map(entry), 'no entries');
  detail.replaceChildren(title, facts, list);
}

function entry(transaction) {
  const item = element('li', words(transaction.payload));
  const origin = element('small');
  origin.append('by ', element('code', short(transaction.author)), ', id ', element('code', short(transaction.id)));
  item.append(origin);
  return item;
}

function peer(each) {
  const item = element('li', each.name || each.address);
  const facts = element('small');
  facts.append(element('code', short(each.id)), ' ' + (each.outbound ? 'dialled ' : 'from ') + each.address);
  item.append(facts);
  return item;
}

async function refresh() {
  if (refreshing) {
    refreshAgain = true;
    return;
  }
  refreshing = true;
  const asked = api;
  try {
    const status = await get(asked + '/status');
    const from = Math.max(0, status.height - SHOWN_BLOCKS + 1);
    const [latest, pool, peers] = await Promise.all([
      get(asked + '/blocks?from=' + from + '&limit=' + SHOWN_BLOCKS),
      get(asked + '/mempool?limit=' + SHOWN_ENTRIES),
      get(asked + '/peers')]);
    if (asked === api) {
      showStatus(status);
      showBlocks(latest.reverse());
      replace($('pending'), pool.transactions.map(entry), 'none waits for a block');
      if (pool.count > pool.transactions.length) {
        $('pending').append(element('li', 'and ' + (pool.count - pool.transactions.length) + ' more', 'none'));
      }
      replace($('peers'), peers.map(peer), 'none connected');
    }
  } catch (failure) {
    live(false, 'no answer: ' + failure.message);
  } finally {
    refreshing = false;
    if (refreshAgain) {
      refreshAgain = false;
      refresh();
    }
  }
}

function follow() {
  if (stream) stream.close();
  stream = new EventSource(api + '/events');
  for (const name of ['block', 'reorg', 'gap', 'transaction', 'peer']) stream.addEventListener(name, refresh);
}

function use(path) {
  api = path;
  blocks = [];
  chosen = null;
  showBlock(undefined);
  refresh();
  follow();
}

async function offerNodes() {
  const answer = await fetch('/devnet/nodes');
  const { nodes } = await answer.json();
  if (nodes.length === 0) return;
  for (const node of nodes) {
    const option = element('option', node.name);
    option.value = node.api;
    $('node').append(option);
  }
  $('chooser').hidden = false;
  $('node').addEventListener('change', (event) => use(event.target.value));
  use(nodes[0].api);
}

$('submit').addEventListener('submit', async (event) => {
  event.preventDefault();
  const said = $('submitted');
  try {
    const answer = await fetch(api + '/transactions', { method: 'POST', body: $('payload').value });
    const body = await answer.json();
    said.textContent = answer.ok ? 'Taken as ' + short(body.id) : body.detail;
    if (answer.ok) $('payload').value = '';
  } catch (failure) {
    said.textContent = 'Not sent: ' + failure.message;
  }
  refresh();
});

use(api);
offerNodes().catch((failure) => live(false, failure.message));
setInterval(refresh, POLL_MILLIS);
