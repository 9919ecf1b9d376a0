// Reorganisations as stories: who gave up which blocks for which, and what became of the entries in them.

import { h } from './dom.js';
import { listed } from './sides.js';
import { ago, gist, inert, mark } from './words.js';

const SHOWN_STORIES = 12;
const SHOWN_ENTRIES = 8;
const SHOWN_BLOCKS = 6;
/** The API lists so many. */
const LISTED = 100;

function span(count, last) {
  return count === 1 ? `block ${last}` : `blocks ${last - count + 1} to ${last}`;
}

function pebbles(hashes, first, gone) {
  return [...hashes.slice(0, SHOWN_BLOCKS).map((hash, i) => h('li', { class: 'pebble' + (gone ? ' gone' : ' own') },
    h('a', { href: '#/block/' + hash }, gone ? h('s', {}, first + i) : h('b', {}, first + i), ' ', h('span', { class: 'hash' }, mark(hash))))),
  hashes.length > SHOWN_BLOCKS && h('li', { class: 'quiet' }, `and ${hashes.length - SHOWN_BLOCKS} more`)];
}

function story(fleet, first) {
  const names = [];
  const entries = new Map();
  const sentence = h('p', {});
  const when = h('small', {});
  const list = h('ul', { class: 'entries' });
  const { disconnected, connected, height, time } = first;
  const fork = height - connected.length;
  const whole = disconnected.length < LISTED && connected.length < LISTED;

  /** An entry that went back, and since then. */
  function entry(id) {
    const words = h('bdi', {}, id.slice(0, 10) + '…');
    const since = h('span', {});
    const item = h('li', {}, h('a', { href: '#/entry/' + id }, words), ' ', since);
    const held = { waits: new Set(), block: new Map(), show() {
      const places = [...new Set(held.block.values())].map((at) => h('a', { href: '#/block/' + at }, `block ${at}`));
      const back = held.waits.size > 0 ? `went back to the pool of ${listed([...held.waits])}, and waits` : `went back to the pool, and is in `;
      since.replaceChildren(back, ...(held.waits.size > 0 ? [] : [...places.flatMap((place, i) => (i === 0 ? [place] : [' and ', place])), ' again: nothing is lost']));
      item.classList.toggle('back', held.waits.size === 0);
    } };
    entries.set(id, held);
    list.append(item);
    fleet.api(first.node).get('/transactions/' + id).then((found) => {
      words.textContent = `“${gist(found.payload, 60)}”`;
    }, () => {}); // It keeps the name it has: the node may be stopped by now.
    return held;
  }

  function tell() {
    const gave = whole ? `${names.length === 2 ? ' both' : ''} gave up ${span(disconnected.length, fork + disconnected.length)} for ${span(connected.length, height)}, which ${connected.length === 1 ? 'has' : 'have'} more work.`
      : inert(first.text).slice(first.node.length) + '.';
    sentence.replaceChildren(h('b', {}, listed(names)), gave);
    when.textContent = ago(time);
  }

  const element = h('li', { class: 'story' }, sentence,
    whole && h('div', { class: 'instead' }, h('ol', { class: 'stones', 'aria-label': 'Blocks given up' }, ...pebbles([...disconnected].reverse(), fork + 1, true)),
      h('span', { class: 'arrow', role: 'img', 'aria-label': 'for' }, '→'), h('ol', { class: 'stones', 'aria-label': 'Blocks in their place' }, ...pebbles(connected, fork + 1, false))),
    list, when);

  return {
    element,
    tell,
    key: disconnected.join() + '>' + connected.join(),
    add({ node, givenBack }) {
      if (!names.includes(node)) names.push(node);
      const order = [...fleet.nodes.keys()];
      names.sort((one, other) => order.indexOf(one) - order.indexOf(other));
      for (const id of givenBack.slice(0, SHOWN_ENTRIES)) {
        const held = entries.get(id) ?? entry(id);
        held.waits.add(node);
        held.show();
      }
      tell();
    },
    returned({ node, id, height: at }) {
      const held = entries.get(id);
      if (!held || !held.waits.delete(node)) return;
      held.block.set(node, at);
      held.show();
    },
  };
}

export function storyList(fleet) {
  let stories = [];
  const list = h('ol', { class: 'stories' });
  const none = h('p', { class: 'quiet' }, 'No node has changed its mind yet. Cut the network in two, add an entry on each side and one more on one of them, and heal it: one side gives up its blocks, and what was in them is not lost.');

  fleet.addEventListener('happened', ({ detail }) => {
    if (detail.event === 'return') stories.forEach((each) => each.returned(detail));
    if (detail.event !== 'reorg') return;
    const key = detail.disconnected.join() + '>' + detail.connected.join();
    let one = stories.find((each) => each.key === key);
    if (!one) {
      one = story(fleet, detail);
      stories.unshift(one);
      list.prepend(one.element);
      stories.slice(SHOWN_STORIES).forEach((each) => each.element.remove());
      stories = stories.slice(0, SHOWN_STORIES);
    }
    one.add(detail);
    none.hidden = true;
  });

  return {
    element: h('section', { 'aria-labelledby': 'stories-title' }, h('h2', { id: 'stories-title' }, 'Who changed their mind'), none, list),
    tick: () => stories.forEach((each) => each.tell()),
  };
}
