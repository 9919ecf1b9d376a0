// Who agrees with whom: nodes that have the same tip are of one side, which keeps its letter and colour as it grows.
// And the strips of blocks in which one sees the sides grow.

import { count, h } from './dom.js';
import { DEPTH } from './fleet.js';
import { mark } from './words.js';

/** A node that is behind by less time than this is not yet of another opinion: news takes a moment. */
export const SETTLE_MILLIS = 1_500;
/** Nodes that are this many blocks apart have not just been left behind. */
const NEAR = 20;
const COLOURS = 8;
const LETTERS = 26;
const SHOWN_SIDES = 6;
const SHOWN_BLOCKS = 9;
const SHOWN_NAMES = 8;

/** The name of the side with this number, counted from 0: A, B, … Z, A2, … */
export function letter(number) {
  return String.fromCharCode(65 + number % LETTERS) + (number < LETTERS ? '' : Math.floor(number / LETTERS) + 1);
}

export const colour = (number) => 'colour-' + number % COLOURS;

/** The tip that a node is on its way to, if it has only just fallen behind it; else its own. */
function heading(hash, tips, fleet, now) {
  for (const tip of tips) {
    if (tip === hash) continue;
    const chain = fleet.chain(tip, NEAR);
    const at = chain.findIndex((block) => block.hash === hash);
    if (at > 0 && now - chain[at - 1].seen < SETTLE_MILLIS) return tip;
  }
  return hash;
}

/**
 * The sides, in the order of their letters, or the largest first if they are many: { number, hash, height, names }.
 *
 * @param before by name of the node, the number of the side it was of; is brought up to date
 */
export function sidesOf(fleet, before, now) {
  const up = [...fleet.nodes.values()].filter((node) => node.up);
  const tips = [...new Set([...up].sort((a, b) => b.height - a.height).map((node) => node.hash))];
  const goal = new Map(tips.map((tip) => [tip, heading(tip, tips, fleet, now)]));
  const byTip = new Map();
  for (const node of up) {
    const tip = goal.get(node.hash);
    if (!byTip.has(tip)) byTip.set(tip, { hash: tip, height: 0, names: [], numbers: new Map() });
    const side = byTip.get(tip);
    side.names.push(node.name);
    if (node.hash === tip) side.height = node.height;
    const was = before.get(node.name);
    if (was !== undefined) side.numbers.set(was, (side.numbers.get(was) ?? 0) + 1);
  }
  const sides = [...byTip.values()].sort((a, b) => b.names.length - a.names.length || b.height - a.height);
  const taken = new Set();
  for (const side of sides) {
    const wanted = [...side.numbers].sort((a, b) => b[1] - a[1]).find(([number]) => !taken.has(number));
    if (wanted) taken.add(side.number = wanted[0]);
  }
  for (const side of sides) {
    if (side.number !== undefined) continue;
    for (side.number = 0; taken.has(side.number);) side.number++;
    taken.add(side.number);
  }
  if (sides.length <= SHOWN_SIDES) sides.sort((a, b) => a.number - b.number);
  before.clear();
  for (const side of sides) for (const name of side.names) before.set(name, side.number);
  return sides;
}

export function listed(names, most = SHOWN_NAMES) {
  if (names.length > most) return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}

/** The height of the last block that all sides share, or null if that is too far down to be known. */
function forkOf(chains) {
  if (chains.length < 2) return null;
  const shared = chains[0].find((block) => chains.every((chain) => chain.some((other) => other.hash === block.hash)));
  return shared ? shared.height : null;
}

/** One sentence about who agrees. */
export function agreement(sides, fork) {
  if (sides.length === 0) return 'No node is running.';
  if (sides.length === 1) {
    const { names, height } = sides[0];
    return names.length === 1 ? `${names[0]} is at block ${height}.` : `All ${names.length} agree on block ${height}.`;
  }
  return `${sides.length} different tips: `
    + sides.slice(0, SHOWN_SIDES).map((side) => `${letter(side.number)} at block ${side.height} (${listed(side.names, 3)})`).join(', ')
    + (sides.length > SHOWN_SIDES ? ', …' : '') + '.'
    + (fork === null ? '' : ` They share the blocks up to ${fork}.`);
}

/** A strip of blocks for each side. */
export function strips(fleet) {
  const list = h('ul', { class: 'sides' });
  const more = h('p', { class: 'quiet' });
  const shown = new Map();

  function make() {
    const badge = h('b', { class: 'badge' });
    const who = h('p', { class: 'who' });
    const blocks = h('ol', { class: 'stones' });
    const item = h('li', {}, h('p', { class: 'side-name' }, badge), who, h('div', { class: 'scroll', tabindex: '0', role: 'group' }, blocks));
    return { item, badge, who, blocks, known: new Map() };
  }

  function stone(block, own, fresh) {
    return h('li', { class: `pebble${own ? ' own' : ''}${fresh ? ' fresh' : ''}` },
      h('a', { href: '#/block/' + block.hash }, h('b', {}, block.height.toLocaleString('en')), ' ',
        h('span', { class: 'hash' }, mark(block.hash)), ' ', h('small', {}, block.entries === undefined ? '…' : count(block.entries, 'entry', 'entries'))));
  }

  function show(side, fork) {
    let strip = shown.get(side.number);
    const isNew = !strip;
    if (isNew) shown.set(side.number, strip = make());
    strip.item.className = colour(side.number);
    strip.badge.textContent = letter(side.number);
    strip.who.textContent = `${listed(side.names)} at block ${side.height}`;
    strip.item.lastChild.setAttribute('aria-label', `The newest blocks of side ${letter(side.number)}, oldest first`);
    const chain = fleet.chain(side.hash, SHOWN_BLOCKS).reverse();
    const next = new Map();
    for (const block of chain) {
      const own = fork !== null && block.height > fork;
      const as = `${own}:${block.entries}`;
      const known = strip.known.get(block.hash);
      next.set(block.hash, known?.as === as ? known : { as, item: stone(block, own, !isNew && !known) });
    }
    const items = [...next.values()].map(({ item }) => item);
    const same = items.length === strip.blocks.children.length && items.every((item, i) => strip.blocks.children[i] === item);
    if (!same) {
      strip.blocks.replaceChildren(...items);
      strip.blocks.parentElement.scrollLeft = strip.blocks.parentElement.scrollWidth;
    }
    strip.known = next;
    return strip.item;
  }

  return {
    element: h('div', {}, list, more),
    /** Returns where the sides part. */
    show(sides) {
      const fork = forkOf(sides.map((side) => fleet.chain(side.hash, DEPTH)));
      const items = sides.slice(0, SHOWN_SIDES).map((side) => show(side, fork));
      const kept = new Set(sides.slice(0, SHOWN_SIDES).map((side) => side.number));
      for (const number of shown.keys()) if (!kept.has(number)) shown.delete(number);
      if (items.length !== list.children.length || items.some((item, i) => list.children[i] !== item)) list.replaceChildren(...items);
      more.textContent = sides.length > SHOWN_SIDES ? `and ${count(sides.length - SHOWN_SIDES, 'more tip')}, such as ${mark(sides[SHOWN_SIDES].hash)}` : '';
      return fork;
    },
  };
}
