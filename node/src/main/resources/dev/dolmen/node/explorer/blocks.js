// All blocks as one long list of which only what is seen exists: as quick with a hundred thousand as with ten.

import { count, h } from './dom.js';
import { time } from './words.js';

/** As in pages.css. */
const ROW = 40;
const PIECE = 100;
const MAX_PIECES = 40;
const BEYOND = 12;
const PATIENCE_MILLIS = 60;
const AGAIN_MILLIS = 2000;
/** A list that is higher than browsers can draw is shown in parts of so many rows. */
export const PART = 400_000;

export function blocksPage(live, wanted) {
  const list = h('div', { class: 'rows', role: 'rowgroup' });
  const scroller = h('div', { class: 'scroller', tabindex: '0', role: 'table', 'aria-label': 'All blocks, newest first', onscroll: draw },
    list);
  const said = h('p', { class: 'quiet', role: 'status' });
  const goTo = h('input', { id: 'height', inputmode: 'numeric', pattern: '[0-9]*', size: 10 });
  const pieces = new Map();
  const rows = new Map();
  let tip = null;
  let top = 0;
  let pause = null;

  function row(height) {
    const block = pieces.get(Math.floor(height / PIECE))?.[height % PIECE];
    const cells = block
      ? [h('span', { role: 'cell' }, h('a', { href: '#/block/' + block.hash }, block.height.toLocaleString('en'))), h('span', { role: 'cell', class: 'hash' }, block.hash),
        h('span', { role: 'cell' }, count(block.transactionCount, 'entry', 'entries')), h('span', { role: 'cell', class: 'when' }, time(block.timestamp))]
      : [h('span', { role: 'cell' }, height.toLocaleString('en')), h('span', { role: 'cell', class: 'quiet' }, '…')];
    const made = h('div', { class: 'row', role: 'row', 'aria-rowindex': tip - height + 1 }, cells);
    made.style.transform = `translateY(${(top - height) * ROW}px)`;
    made.loaded = Boolean(block);
    return made;
  }

  /** Makes the rows that are seen, and forgets the others. */
  function draw() {
    if (tip === null) return;
    const newest = Math.min(top, top - Math.floor(scroller.scrollTop / ROW) + BEYOND);
    const oldest = Math.max(top - span() + 1, newest - Math.ceil(scroller.clientHeight / ROW) - 2 * BEYOND);
    for (const [height, item] of rows) {
      if ((height > newest || height < oldest) && !item.contains(document.activeElement)) {
        item.remove();
        rows.delete(height);
      }
    }
    // In the order of heights, which is the order that Tab and screen readers go by.
    let above = null;
    for (let height = newest; height >= oldest; height--) {
      const known = rows.get(height);
      const stays = known && (known.loaded || !pieces.get(Math.floor(height / PIECE))?.[height % PIECE]);
      const item = stays ? known : row(height);
      if (known && !stays) known.replaceWith(item);
      else if (!known && above) above.after(item);
      else if (!known) list.prepend(item);
      rows.set(height, item);
      above = item;
    }
    // What flies by while scrolling fast is not asked for.
    clearTimeout(pause);
    pause = setTimeout(() => fetchPieces(oldest, newest), PATIENCE_MILLIS);
  }

  async function fetchPieces(oldest, newest) {
    for (let piece = Math.floor(newest / PIECE); piece >= Math.floor(oldest / PIECE); piece--) {
      const known = pieces.get(piece);
      if (known && (known.length === PIECE || known.length > newest - piece * PIECE)) continue;
      try {
        const from = piece * PIECE;
        pieces.set(piece, await live.api.headers(from, PIECE));
        if (pieces.size > MAX_PIECES) pieces.delete(pieces.keys().next().value);
        said.textContent = '';
        draw();
      } catch (failure) {
        said.textContent = failure.message + '; trying again';
        pause = setTimeout(draw, AGAIN_MILLIS);
        return;
      }
    }
  }

  const span = () => Math.min(PART, top + 1);

  function resize(newTop) {
    const stays = scroller.scrollTop > 0 && top > 0 ? (newTop - top) * ROW : 0;
    top = newTop;
    rows.forEach((item) => item.remove());
    rows.clear();
    list.style.height = span() * ROW + 'px';
    scroller.setAttribute('aria-rowcount', String(tip + 1));
    if (stays !== 0) scroller.scrollTop += stays;
    draw();
  }

  function jump(height) {
    const to = Math.max(0, Math.min(height, tip));
    if (to > top || to <= top - PART) resize(Math.min(tip, to + Math.floor(PART / 2)));
    scroller.scrollTop = (top - to) * ROW;
    draw();
  }

  function update(what) {
    if (what !== 'chain' || !live.status || live.status.height === tip) return;
    const first = tip === null;
    const followed = top === tip;
    tip = live.status.height;
    if (first || followed || top > tip) resize(tip);
    if (first && wanted) jump(Number.parseInt(wanted, 10) || 0);
  }

  function onReorg() {
    pieces.clear();
    tip = null;
    update('chain');
  }

  live.addEventListener('reorg', onReorg);
  const view = {
    title: 'Blocks',
    element: h('div', {},
      h('form', { class: 'goto', onsubmit: (event) => {
        event.preventDefault();
        if (goTo.value !== '' && tip !== null) jump(Number.parseInt(goTo.value, 10) || 0);
      } }, h('label', { for: 'height' }, 'Go to height'), goTo, h('button', {}, 'Go'),
      h('button', { type: 'button', onclick: () => tip !== null && (resize(tip), jump(tip)) }, 'Newest'), said),
      scroller),
    update,
    close() {
      clearTimeout(pause);
      live.removeEventListener('reorg', onReorg);
    },
  };
  queueMicrotask(() => update('chain')); // Once it is in the page and has a height.
  return view;
}
