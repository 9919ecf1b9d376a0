// The tree of branches, and reorganisations as they went, step by step.

import { count, h, moves, s } from './dom.js';
import { ago, short } from './words.js';

const STEP = 46;
const LANE = 44;
const MARGIN = 30;
const BLOCK = 22;
/** Of one branch in the tree; what lies below is left out, and the line says so. */
const SHOWN_OF_BRANCH = 10;
/** Of each side of a reorganisation. */
const SHOWN_OF_SIDE = 12;
const NEWEST = 4;
const REPLAY_MILLIS = 4000;

function stone(x, y, kind, href, label) {
  return s('a', { href, 'aria-label': label, class: 'node ' + kind },
    s('rect', { x: x - BLOCK / 2, y: y - BLOCK / 2, width: BLOCK, height: BLOCK, rx: 5 }), s('title', {}, label));
}

/** Branches from the lowest fork point on, each in a lane below the best chain, each block once. */
function tree(answer) {
  const forks = [...answer.forks].sort((a, b) => a.forkHeight - b.forkHeight || b.length - a.length);
  const places = new Map();
  const heights = new Set();
  for (let height = Math.max(0, answer.height - NEWEST); height <= answer.height; height++) heights.add(height);
  forks.forEach((fork) => {
    heights.add(fork.forkHeight);
    fork.blocks.slice(0, SHOWN_OF_BRANCH).forEach((block) => heights.add(block.height));
  });
  const columns = [...heights].sort((a, b) => a - b);
  const x = new Map(columns.map((height, i) => [height, MARGIN + i * STEP]));
  const best = LANE / 2 + 18;
  const lines = [];
  const stones = [];
  const lanes = [];
  const labels = columns.map((height, i) => s('text', { class: 'label', 'text-anchor': 'middle', x: x.get(height), y: 12 },
    i > 0 && columns[i - 1] === height - 1 && height % 5 !== 0 && height !== answer.height ? '' : height));
  columns.forEach((height, i) => {
    if (i > 0) lines.push(s('line', { class: columns[i - 1] === height - 1 ? 'best' : 'best gap', x1: x.get(columns[i - 1]), x2: x.get(height), y1: best, y2: best }));
    if (height <= answer.height) stones.push(stone(x.get(height), best, 'best', '#/block/' + height, `Block ${height} of the best chain`));
  });
  for (const fork of forks) {
    const shown = fork.blocks.slice(0, SHOWN_OF_BRANCH).reverse();
    const from = shown.findIndex((block) => !places.has(block.hash));
    if (from < 0) continue;
    const fresh = shown.slice(from);
    const start = x.get(from > 0 ? shown[from - 1].height : fork.forkHeight);
    const end = x.get(fork.height);
    let lane = lanes.findIndex((taken) => taken < start);
    if (lane < 0) lane = lanes.length;
    lanes[lane] = end;
    const y = best + (lane + 1) * LANE;
    let before = from > 0 ? places.get(shown[from - 1].hash) : [x.get(fork.forkHeight), best];
    fresh.forEach((block, i) => {
      const at = [x.get(block.height), y];
      const gap = i === 0 && from === 0 && fork.length > shown.length;
      lines.push(s('path', { class: gap ? 'side gap' : 'side', d: `M${before[0]} ${before[1]} C ${before[0] + 20} ${at[1]}, ${before[0]} ${at[1]}, ${at[0]} ${at[1]}` }));
      stones.push(stone(at[0], at[1], 'side', '#/block/' + block.hash, `Block ${block.height} of another branch, ${short(block.hash)}`));
      places.set(block.hash, at);
      before = at;
    });
  }
  const width = MARGIN * 2 + (columns.length - 1) * STEP;
  const height = best + lanes.length * LANE + LANE / 2;
  const drawn = s('svg', { viewBox: `0 0 ${width} ${height}`, width, height, class: 'tree', role: 'group', 'aria-label': `The best chain and ${count(forks.length, 'branch', 'branches')} beside it` }, labels, lines, stones);
  return h('div', { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': 'Fork tree' }, drawn);
}

/** One reorganisation, replayed: first the old branch gives way from its end, then the new one takes its place. */
function replay(reorg) {
  const left = reorg.disconnected.slice(0, SHOWN_OF_SIDE);
  const came = reorg.connected.slice(0, SHOWN_OF_SIDE);
  const leftHeights = left.map((hash, i) => reorg.oldHeight - i);
  const cameHeights = came.map((hash, i) => reorg.forkHeight + 1 + i);
  const steps = left.length + came.length;
  const said = h('p', { role: 'status', class: 'step' });
  const slider = h('input', { type: 'range', min: 0, max: steps, value: steps, 'aria-label': 'Step', oninput: () => { stop(); show(Number(slider.value)); } });
  const play = h('button', { type: 'button', onclick: () => (playing ? stop() : start()) }, 'Replay');
  const y = [34, 84];
  const oldX = (i) => MARGIN + (1 + left.length - 1 - i + (reorg.disconnectedCount > left.length ? 1 : 0)) * STEP;
  const newX = (i) => MARGIN + (1 + i) * STEP;
  const olds = left.map((hash, i) => stone(oldX(i), y[0], '', '#/block/' + hash, `Block ${leftHeights[i]}, ${short(hash)}, left the best chain`));
  const news = came.map((hash, i) => stone(newX(i), y[1], '', '#/block/' + hash, `Block ${cameHeights[i]}, ${short(hash)}, came in its place`));
  const columns = Math.max(left.length + 1, came.length) + 1;
  const drawn = s('svg', { viewBox: `0 0 ${MARGIN * 2 + columns * STEP} 118`, width: MARGIN * 2 + columns * STEP, height: 118, class: 'tree', role: 'group', 'aria-label': 'Both branches' },
    s('path', { class: 'side', d: `M${MARGIN} 59 L${MARGIN + STEP / 2} ${y[0]} L${oldX(0)} ${y[0]}` }),
    s('path', { class: 'side', d: `M${MARGIN} 59 L${MARGIN + STEP / 2} ${y[1]} L${newX(came.length - 1)} ${y[1]}` }),
    stone(MARGIN, 59, 'best', '#/block/' + reorg.forkHeight, `Block ${reorg.forkHeight}, the last that both share`), olds, news,
    s('text', { class: 'label', 'text-anchor': 'middle', x: MARGIN, y: 86 }, reorg.forkHeight),
    olds.length > 0 && s('text', { class: 'label', 'text-anchor': 'middle', x: oldX(0), y: 16 }, reorg.oldHeight),
    news.length > 0 && s('text', { class: 'label', 'text-anchor': 'middle', x: newX(came.length - 1), y: 112 }, cameHeights[came.length - 1]));
  let playing = null;

  function show(step) {
    slider.value = String(step);
    olds.forEach((node, i) => node.setAttribute('class', 'node ' + (step > i ? 'side gone' : 'best')));
    news.forEach((node, i) => node.setAttribute('class', 'node ' + (step > left.length + i ? 'best' : 'side')));
    said.textContent =
      step === 0 ? `The tip is block ${reorg.oldHeight}. Another branch from block ${reorg.forkHeight} on has more work.`
        : step <= left.length ? `Block ${leftHeights[step - 1]} leaves; entries that only it has wait again.`
          : step < steps ? `Block ${cameHeights[step - left.length - 1]} of the other branch comes in its place.`
            : `The tip is block ${reorg.height}, ${short(reorg.hash)}: ${count(reorg.disconnectedCount, 'block')} replaced by ${reorg.connectedCount.toLocaleString('en')}.`;
  }

  function stop() {
    clearInterval(playing);
    playing = null;
    play.textContent = 'Replay';
  }

  function start() {
    show(0);
    if (!moves()) return slider.focus();
    play.textContent = 'Stop';
    let step = 0;
    playing = setInterval(() => {
      show(++step);
      if (step >= steps) stop();
    }, Math.max(250, REPLAY_MILLIS / Math.max(1, steps)));
  }

  show(steps);
  return { element: h('article', { class: 'reorg' },
    h('h3', {}, `${ago(reorg.time)}: ${count(reorg.disconnectedCount, 'block')} replaced by ${reorg.connectedCount.toLocaleString('en')}`),
    h('div', { class: 'scroll' }, drawn), h('div', { class: 'replay' }, play, slider), said), stop };
}

export function forksPage(live) {
  const element = h('div', {}, h('p', { role: 'status' }, 'Looking…'));
  let replays = [];
  let shownTip = null;

  const stopAll = () => replays.forEach((each) => each.stop());

  async function load() {
    let answer;
    try {
      answer = await live.api.get('/forks');
    } catch (failure) {
      element.replaceChildren(h('p', { class: 'bad', role: 'alert' }, failure.message));
      return;
    }
    stopAll();
    shownTip = answer.hash;
    replays = answer.reorgs.map(replay);
    element.replaceChildren(h('div', {},
      h('p', { class: 'quiet' }, answer.forks.length === 0
        ? 'No branch beside the best chain is kept: every block that came here stands on the one before.'
        : `${count(answer.forks.length, 'branch', 'branches')} beside the best chain. The one with the most work wins; of two with as much, the one seen first.`),
      answer.forks.length > 0 && tree(answer),
      answer.forks.length > 0 && h('div', { class: 'scroll' }, h('table', {},
        h('thead', {}, h('tr', {}, ['Ends in', 'Stands on', 'Blocks', 'Work of its chain', 'Lacks'].map((title, i) => h('th', { scope: 'col', class: i > 1 && 'number' }, title)))),
        h('tbody', {}, answer.forks.map((fork) => h('tr', {},
          h('td', {}, h('a', { href: '#/block/' + fork.hash }, fork.height, ' ', h('span', { class: 'hash' }, short(fork.hash)))),
          h('td', {}, h('a', { href: '#/block/' + fork.forkHash }, fork.forkHeight)),
          h('td', { class: 'number' }, fork.length.toLocaleString('en')),
          h('td', { class: 'number' }, BigInt(fork.work).toLocaleString('en')),
          h('td', { class: 'number' }, (BigInt(answer.work) - BigInt(fork.work)).toLocaleString('en'))))))),
      h('h2', {}, 'Reorganisations'),
      replays.length === 0 ? h('p', { class: 'quiet' }, 'None since this node came up.') : replays.map((each) => each.element)));
  }

  live.addEventListener('reorg', load);
  load();
  return {
    title: 'Forks',
    element,
    update(what) {
      // A replay that somebody watches is not pulled away by the next block.
      if (what === 'chain' && live.status.hash !== shownTip && !element.contains(document.activeElement)) load();
    },
    close() {
      live.removeEventListener('reorg', load);
      stopAll();
    },
  };
}
