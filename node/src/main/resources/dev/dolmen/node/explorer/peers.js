// The node among its peers: the longer a line, the longer a message takes there and back.

import { count, facts, h, picture, s } from './dom.js';
import { ago, delay, duration, inert, name, short, size, time } from './words.js';

const WIDTH = 720;
const HEIGHT = 400;
/** Parts of the way from the middle to the edge. */
const NEAREST = 0.45;
const FARTHEST = 1;
const SHOWN_PEERS = 48;
const LABELLED = 24;

function map(live) {
  const peers = live.peers.slice(0, SHOWN_PEERS);
  const delays = peers.map((peer) => peer.roundTripMicros).filter((micros) => micros !== null);
  const least = Math.log(Math.max(1, Math.min(...delays)));
  const most = Math.log(Math.max(1, ...delays));
  const [x0, y0] = [WIDTH / 2, HEIGHT / 2 - 10];
  const first = peers.length === 1 ? 0 : -Math.PI / 2 + Math.PI / peers.length;
  const places = peers.map((peer, i) => {
    const part = peer.roundTripMicros === null ? 1 : most > least ? (Math.log(Math.max(1, peer.roundTripMicros)) - least) / (most - least) : 0.5;
    const far = NEAREST + (FARTHEST - NEAREST) * part;
    const angle = first + 2 * Math.PI * i / peers.length;
    return [x0 + far * (x0 - 70) * Math.cos(angle), y0 + far * (y0 - 30) * Math.sin(angle)];
  });
  const words = peers.length === 0 ? 'No peer is connected'
    : `${count(live.peers.length, 'peer')} around this node: ` + peers.slice(0, LABELLED).map((peer) => `${name(peer.name, peer.address)} ${delay(peer.roundTripMicros)}`).join(', ');
  return picture(words, WIDTH, HEIGHT,
    places.map(([x, y]) => s('line', { class: 'link', x1: x0, y1: y0, x2: x, y2: y })),
    peers.slice(0, LABELLED).map((peer, i) => s('text', { class: 'label', 'text-anchor': 'middle', x: x0 + (places[i][0] - x0) * 0.55, y: y0 + (places[i][1] - y0) * 0.55 - 6 }, peer.roundTripMicros === null ? '?' : delay(peer.roundTripMicros))),
    peers.map((peer, i) => s('a', { href: '#/peer/' + peer.id, tabindex: '-1' },
      s('circle', { class: 'peer', cx: places[i][0], cy: places[i][1], r: 11 }),
      i < LABELLED && s('text', { class: 'name', 'text-anchor': 'middle', x: places[i][0], y: places[i][1] + 28 }, name(peer.name, peer.address).slice(0, 18)))),
    s('circle', { class: 'self', cx: x0, cy: y0, r: 18 }),
    s('text', { class: 'name', 'text-anchor': 'middle', x: x0, y: y0 + 36 }, live.status ? name(live.status.name, 'this node') : 'this node'));
}

function row(peer) {
  return h('tr', {},
    h('th', { scope: 'row' }, h('a', { href: '#/peer/' + peer.id }, h('bdi', {}, name(peer.name, 'without a name')))),
    h('td', { class: 'hash' }, short(peer.id)),
    h('td', {}, inert(peer.address), h('small', {}, peer.outbound ? ' dialled by us' : ' dialled us')),
    h('td', { class: 'number' }, delay(peer.roundTripMicros)),
    h('td', { class: 'number' }, size(peer.bytesIn), ' / ', size(peer.bytesOut)),
    h('td', { class: 'number' }, duration(Date.now() - peer.connectedSince)));
}

export function peersPage(live) {
  const drawn = h('div', { class: 'map' });
  const table = h('tbody', {});
  const none = h('p', { class: 'quiet' });
  const dials = h('ul', { class: 'list' });
  const kept = h('section', { 'aria-labelledby': 'kept-title', hidden: true }, h('h2', { id: 'kept-title' }, 'Addresses that are kept'), dials);
  let ids = '';

  async function draw() {
    drawn.replaceChildren(map(live));
    const focused = document.activeElement && table.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    table.replaceChildren(...live.peers.map(row));
    if (focused) table.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
    none.textContent = live.peers.length === 0 ? `No peer is connected. ${live.status?.waitingFor ? 'The node waits for ' + live.status.waitingFor + '.' : ''}` : '';
    const now = live.peers.map((peer) => peer.id).join();
    if (ids === now) return;
    ids = now;
    const all = await live.api.get('/peers/dials').catch(() => []);
    kept.hidden = all.length === 0;
    dials.replaceChildren(...all.map((dial) => h('li', {}, h('span', { class: 'hash' }, inert(dial.address)), ' ', dial.state,
      dial.state === 'waiting' && h('small', {}, ` again in ${duration(dial.nextTryMillis)}; ${inert(dial.lastFailure)}`))));
  }

  if (live.status) draw();
  return {
    title: 'Peers',
    element: h('div', {},
      h('p', { class: 'quiet' }, 'The longer a line, the longer a message takes there and back. Names are what peers call themselves.'),
      drawn, none,
      h('div', { class: 'scroll' }, h('table', { class: 'peers' }, h('thead', {}, h('tr', {}, ['Name', 'Id', 'Address', 'There and back', 'In / out', 'For'].map((title, i) => h('th', { scope: 'col', class: i > 2 && 'number' }, title)))), table)),
      kept),
    update: (what) => what === 'peers' && draw(),
  };
}

export function peerPage(live, id) {
  const element = h('div', {});

  function draw() {
    const peer = live.peers.find((each) => each.id === id);
    const self = live.status?.peerId === id;
    element.replaceChildren(
      h('p', { class: 'pills' }, self ? h('span', { class: 'pill included' }, 'this node')
        : peer ? h('span', { class: 'pill included' }, 'connected') : h('span', { class: 'pill expired' }, 'not connected to this node')),
      facts([
        ['Id', h('span', { class: 'hash' }, inert(id))],
        (self || peer) && ['Name', h('bdi', {}, name(self ? live.status.name : peer.name, 'none'))],
        peer && ['Address', inert(peer.address), peer.outbound ? ', dialled by us' : ', dialled us'],
        peer && ['There and back', delay(peer.roundTripMicros)],
        peer && ['Connected', time(peer.connectedSince), ', ', ago(peer.connectedSince)],
        peer && ['Received', size(peer.bytesIn)],
        peer && ['Sent', size(peer.bytesOut), peer.bytesQueued > 0 ? `, ${size(peer.bytesQueued)} wait` : ''],
        peer && ['Said its height was', peer.claimedHeight.toLocaleString('en'), ' when it connected'],
        ['Entries', h('a', { href: '#/author/' + encodeURIComponent(id) }, 'what it wrote under this key')],
      ]));
  }

  draw();
  return { title: 'Peer ' + short(inert(id)), element, update: (what) => what !== 'pool' && !element.contains(document.activeElement) && draw() };
}
