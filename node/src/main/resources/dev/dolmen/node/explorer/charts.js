// Small pictures, each with the same in words.

import { count, h, picture, s } from './dom.js';
import { delay, duration, name } from './words.js';

const WIDTH = 280;
const HEIGHT = 72;
const SHOWN_BLOCKS = 60;
const SHOWN_PEERS = 6;
const MINUTE = 60_000;
const BINS = 30;

function card(title, words, drawing) {
  return h('figure', { class: 'chart' }, h('figcaption', {}, h('b', {}, title), h('span', {}, words)), drawing);
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Bars from left to right; none is so small that it is not seen, unless it is 0. */
function bars(words, values) {
  const most = Math.max(...values, 1);
  const step = WIDTH / Math.max(values.length, 20);
  return picture(words, WIDTH, HEIGHT,
    s('line', { class: 'axis', x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 }),
    values.map((value, i) => {
      const height = value > 0 ? Math.max(2, (HEIGHT - 6) * value / most) : 0;
      return s('rect', { class: 'bar', x: i * step + 1, y: HEIGHT - height, width: Math.max(1, step - 2), height, rx: 1 });
    }));
}

function nothing(words) {
  return picture(words, WIDTH, HEIGHT, s('line', { class: 'axis', x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 }));
}

export function blockInterval(recent) {
  const blocks = recent.filter((block) => block.height > 0).slice(0, SHOWN_BLOCKS + 1).reverse();
  const gaps = blocks.slice(1).map((block, i) => block.timestamp - blocks[i].timestamp);
  if (gaps.length === 0) return card('Block interval', 'not two blocks yet', nothing('No interval yet'));
  const words = `${duration(median(gaps))} in the middle, the longest ${duration(Math.max(...gaps))}`;
  // Roots, or else one idle night hides all that happened by day.
  return card('Block interval', words, bars(`Time between the last ${count(gaps.length + 1, 'block')}: ${words}`, gaps.map((gap) => Math.sqrt(Math.max(0, gap)))));
}

export function entriesPerSecond(recent, now = Date.now()) {
  const bins = new Array(BINS).fill(0);
  let entries = 0;
  for (const block of recent) {
    const bin = BINS - 1 - Math.floor((now - block.timestamp) * BINS / MINUTE);
    if (bin >= 0) {
      bins[Math.min(bin, BINS - 1)] += block.transactionCount;
      entries += block.transactionCount;
    }
  }
  const oldest = recent.length > 0 ? now - recent[recent.length - 1].timestamp : MINUTE;
  const seconds = Math.max(1, Math.min(MINUTE, oldest) / 1000);
  const words = entries === 0 ? 'none in the last minute' : `${(entries / seconds).toFixed(1)} a second, ${count(entries, 'entry', 'entries')} in ${duration(seconds * 1000)}`;
  return card('Entries', words, bars(`Entries in blocks of the last minute: ${words}`, bins));
}

export function propagation(arrivals) {
  if (arrivals.length === 0) return card('From made to seen', 'no block came while you watched', nothing('No block came yet'));
  const delays = arrivals.map((arrival) => Math.max(0, arrival.millis));
  const most = Math.max(...delays, 1);
  const words = `${duration(median(delays))} in the middle, clocks' differences included`;
  return card('From made to seen', words, picture(`Delay of the last ${count(delays.length, 'block')}: ${words}`, WIDTH, HEIGHT,
    s('line', { class: 'axis', x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 }),
    delays.map((each, i) => s('circle', {
      class: 'point', r: 3, cx: 6 + i * (WIDTH - 12) / Math.max(delays.length - 1, 20), cy: HEIGHT - 6 - (HEIGHT - 14) * each / most,
    }))));
}

export function peerDelays(peers) {
  if (peers.length === 0) return card('Peers', 'none connected', nothing('No peer'));
  const shown = [...peers].sort((a, b) => (a.roundTripMicros ?? Infinity) - (b.roundTripMicros ?? Infinity)).slice(0, SHOWN_PEERS);
  const most = Math.max(...shown.map((peer) => peer.roundTripMicros ?? 0), 1);
  const row = HEIGHT / SHOWN_PEERS;
  const nearest = shown[0].roundTripMicros === null ? 'delays are not measured yet' : `the nearest ${delay(shown[0].roundTripMicros)} there and back`;
  const words = `${count(peers.length, 'peer')}, ${nearest}`;
  return card('Peers', words, picture(words, WIDTH, HEIGHT, shown.map((peer, i) => [
    s('text', { class: 'label', x: 0, y: i * row + row - 3 }, name(peer.name, peer.address).slice(0, 12)),
    peer.roundTripMicros !== null && s('rect', { class: 'bar', x: 92, y: i * row + 2, height: row - 4, rx: 1, width: Math.max(2, (WIDTH - 92) * Math.sqrt(peer.roundTripMicros / most)) }),
  ]).flat()));
}
