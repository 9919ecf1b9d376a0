// The picture of a devnet: nodes in a ring, links between them, messages as dots that run along them. One unit is one
// CSS pixel, so that words stay readable at any width. Drawn anew only when the width or the nodes change.

import { h, moves, s } from './dom.js';
import { linkName } from './fleet.js';
import { colour, letter } from './sides.js';
import { delay, duration, mark } from './words.js';

/** More nodes than these have their words around the ring, like the hours of a clock. */
const FEW = 12;
const NARROW = 520;
const LARGEST = 660;
/** A pointer that moved less has clicked. */
const CLICK = 6;
const MAX_DOTS = 24;
const RUN_MILLIS = 550;
const LONGEST_RUN_MILLIS = 2_500;
/** Links up to this many have their delay beside them. */
const LABELLED_LINKS = 10;

function layout(width, names) {
  const n = names.length;
  const narrow = width < NARROW;
  const many = n > FEW;
  const height = many ? Math.min(width, LARGEST) : n === 2 ? 190 : Math.min(narrow ? width : width * 0.66, 500);
  const space = narrow ? 66 : 140;
  const rx = many ? height / 2 - space : width / 2 - (narrow ? 52 : 90);
  const radius = many ? 0.3 * 2 * Math.PI * rx / n : (narrow ? [27, 22, 17] : [34, 28, 23])[n <= 4 ? 0 : n <= 8 ? 1 : 2];
  const ry = many ? rx : n === 2 ? 0 : height / 2 - radius - 42;
  const turn = 2 * Math.PI / n;
  const places = new Map(names.map((name, i) => {
    const angle = -Math.PI / 2 + (many ? i : i - 0.5) * turn;
    return [name, { x: width / 2 + rx * Math.cos(angle), y: height / 2 + ry * Math.sin(angle), angle }];
  }));
  return { width, height, radius, places, many, narrow };
}

/** Whether two stretches cross. */
function cross([ax, ay], [bx, by], [cx, cy], [dx, dy]) {
  const side = (px, py, qx, qy, rx, ry) => Math.sign((qx - px) * (ry - py) - (qy - py) * (rx - px));
  return side(ax, ay, bx, by, cx, cy) !== side(ax, ay, bx, by, dx, dy) && side(cx, cy, dx, dy, ax, ay) !== side(cx, cy, dx, dy, bx, by);
}

export function stateOf(link) {
  if (!link.up) return 'cut';
  if (!link.linked) return 'down';
  return link.delayMillis > 0 ? 'slow' : 'up';
}

/** How a link is, in words. */
export function linkWords(link) {
  const held = link.delayMillis > 0 ? `each message is held back ${duration(link.delayMillis)}` : '';
  if (!link.up) return 'cut' + (held ? '; ' + held + ' once it is healed' : '');
  if (!link.linked) return 'not linked now';
  return held ? 'slow: ' + held : link.roundTripMicros === null ? 'up' : `up, ${delay(link.roundTripMicros)} there and back`;
}

/**
 * The picture.
 *
 * @param chooseNode, chooseLink called with what was chosen, and whether by keyboard
 * @param crossed called with the links that a drag went across
 */
export function ring(fleet, { chooseNode, chooseLink, crossed }) {
  const wires = s('g', { role: 'group', 'aria-label': 'Links. Arrow keys go from one to the next, Enter opens it' });
  /** Beside the picture and not in it, so that a browser moves them without drawing it anew. */
  const dots = h('div', { class: 'pricks', 'aria-hidden': 'true' });
  const members = s('g', { role: 'group', 'aria-label': 'Nodes. Arrow keys go from one to the next, Enter chooses it' });
  const knife = s('polyline', { class: 'knife', points: '' });
  const svg = s('svg', { class: 'ring', role: 'group', 'aria-label': 'The nodes in a ring, with their links' }, wires, members, knife);
  const box = h('div', { class: 'ring-box' }, svg, dots);
  let plan = null;
  let drawnNames = '';
  const wireOf = new Map();
  const memberOf = new Map();
  let chosen = null;
  /** Where the drag went, if there is one, and which links it has crossed. */
  let path = null;
  let under = new Set();
  let wasDrag = false;

  function pressed(choose) {
    return (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      choose(true);
    };
  }

  /** One stop of the Tab key for each group; arrows go on within it. */
  function roving(group) {
    group.addEventListener('keydown', (event) => {
      const all = [...group.children];
      const at = all.indexOf(document.activeElement);
      const step = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (at < 0 || step === undefined) return;
      event.preventDefault();
      all[(step + all.length) % all.length].focus();
    });
  }

  function drawMember(name, first) {
    const { x, y, angle } = plan.places.get(name);
    const { radius, many, narrow } = plan;
    const disc = s('circle', { class: 'disc', cx: x, cy: y, r: radius });
    const side = s('text', { class: 'letter', 'text-anchor': 'middle' });
    const title = s('text', { class: 'name' });
    const tip = s('text', { class: 'tip' });
    const choose = (byKeyboard) => chooseNode(name, byKeyboard === true);
    const group = s('g', { class: 'member', role: 'button', tabindex: first ? '0' : '-1', 'data-node': name, onclick: choose, onkeydown: pressed(choose) },
      s('circle', { class: 'halo', cx: x, cy: y, r: radius + (many ? 2 : 5) }), disc, side, title, tip);
    const at = (text, dx, dy) => {
      text.setAttribute('x', dx);
      text.setAttribute('y', dy);
    };
    if (many) {
      // Words point away from the middle; on the left they are turned, so as not to stand on their heads.
      const left = Math.cos(angle) < -1e-9;
      const degrees = angle * 180 / Math.PI + (left ? 180 : 0);
      title.setAttribute('transform', `translate(${x} ${y}) rotate(${degrees})`);
      title.setAttribute('text-anchor', left ? 'end' : 'start');
      at(title, (left ? -1 : 1) * (radius + 6), 4);
    } else {
      const above = Math.sin(angle) < -0.3;
      title.setAttribute('text-anchor', 'middle');
      tip.setAttribute('text-anchor', 'middle');
      at(side, x, y + radius * 0.28);
      at(title, x, above ? y - radius - 24 : y + radius + 20);
      at(tip, x, above ? y - radius - 9 : y + radius + 35);
    }
    return { group, side, title, tip, many, narrow };
  }

  function drawWire(link, first) {
    const a = plan.places.get(link.a);
    const b = plan.places.get(link.b);
    const ends = { x1: a.x, y1: a.y, x2: b.x, y2: b.y };
    const key = link.a + '|' + link.b;
    const choose = (byKeyboard) => chooseLink(key, byKeyboard === true);
    // Not in the middle, where the links of few nodes cross.
    const part = plan.places.size === 2 ? 0.5 : 0.36;
    const label = s('text', { class: 'label', 'text-anchor': 'middle', x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part - 5 });
    const group = s('g', { class: 'wire', role: 'button', tabindex: first ? '0' : '-1', 'data-link': key, onclick: choose, onkeydown: pressed(choose) },
      s('line', { class: 'hit', ...ends }), s('line', { class: 'line', ...ends }), label);
    return { group, label };
  }

  function draw() {
    const names = [...fleet.nodes.keys()];
    const width = Math.max(280, Math.floor(box.clientWidth));
    const now = `${width}:${names.join()}:${[...fleet.links.keys()].join()}`;
    if (now === drawnNames || names.length === 0 || box.clientWidth === 0) return;
    drawnNames = now;
    const focused = svg.contains(document.activeElement) ? document.activeElement.dataset : null;
    plan = layout(width, names);
    svg.setAttribute('viewBox', `0 0 ${width} ${plan.height}`);
    svg.setAttribute('width', width);
    svg.setAttribute('height', plan.height);
    svg.classList.toggle('many', plan.many);
    wireOf.clear();
    memberOf.clear();
    for (const [key, link] of fleet.links) wireOf.set(key, drawWire(link, wireOf.size === 0));
    for (const name of names) memberOf.set(name, drawMember(name, memberOf.size === 0));
    wires.replaceChildren(...[...wireOf.values()].map(({ group }) => group));
    members.replaceChildren(...[...memberOf.values()].map(({ group }) => group));
    dots.replaceChildren();
    if (focused) svg.querySelector(focused.link ? `[data-link="${CSS.escape(focused.link)}"]` : `[data-node="${CSS.escape(focused.node)}"]`)?.focus();
  }

  function set(element, attribute, value) {
    if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
  }

  function say(text, words) {
    if (text.textContent !== words) text.textContent = words;
  }

  /** Brings colours, words and states up to date. */
  function show(numbers, looked) {
    draw();
    if (plan === null) return;
    for (const [name, { group, side, title, tip, many, narrow }] of memberOf) {
      const node = fleet.nodes.get(name);
      const number = numbers.get(name);
      const side0 = node.up && number !== undefined ? letter(number) : '';
      const end = mark(node.hash);
      set(group, 'class', `member ${side0 ? colour(number) : 'stopped'}${looked === name ? ' looked' : ''}${chosen === name ? ' chosen' : ''}`);
      set(group, 'aria-label', node.up ? `${name}, side ${side0}, block ${node.height}, ${end}${node.syncing ? ', catching up' : ''}` : `${name}, stopped at block ${node.height}`);
      if (many) {
        say(title, node.up ? `${side0} ${name}` + (narrow ? '' : ` ${node.height} ${end}`) : `■ ${name}` + (narrow ? '' : ' stopped'));
      } else {
        say(side, node.up ? side0 : '■');
        say(title, name);
        say(tip, node.up ? `${node.height} · ${end}` : 'stopped');
      }
    }
    for (const [key, { group, label }] of wireOf) {
      const link = fleet.links.get(key);
      if (!link) continue;
      const state = stateOf(link);
      set(group, 'class', `wire ${state}${chosen === key ? ' chosen' : ''}${path !== null && under.has(key) ? ' under' : ''}`);
      set(group, 'aria-label', `Link ${linkName(link)}: ${linkWords(link)}`);
      say(label, plan.many ? '' : state === 'cut' ? '✂' : state === 'slow' ? '+' + duration(link.delayMillis)
        : state === 'up' && wireOf.size <= LABELLED_LINKS && link.roundTripMicros !== null ? delay(link.roundTripMicros) : '');
    }
  }

  /** A dot from one to another, if both are here and not too many are on their way. */
  function run(from, to, kind) {
    if (plan === null || document.hidden || !moves() || dots.children.length >= MAX_DOTS) return;
    const link = fleet.link(from, to);
    const a = plan.places.get(from);
    const b = plan.places.get(to);
    if (!link || !a || !b || box.clientWidth === 0) return;
    const dot = h('span', { class: `prick ${kind}${plan.many ? ' little' : ''}` });
    dots.append(dot);
    const way = dot.animate([{ transform: `translate(${a.x}px, ${a.y}px)` }, { transform: `translate(${b.x}px, ${b.y}px)` }],
      { duration: Math.min(LONGEST_RUN_MILLIS, RUN_MILLIS + link.delayMillis), easing: 'ease-in-out' });
    way.finished.catch(() => {}).then(() => dot.remove()); // It is cancelled when the picture is drawn anew.
  }

  const at = (event) => {
    const { left, top } = svg.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  };

  svg.addEventListener('pointerdown', (event) => {
    wasDrag = false;
    if (!event.isPrimary || event.button !== 0 || plan === null || event.target.closest('.member')) return;
    path = [at(event)];
    under = new Set();
  });
  svg.addEventListener('pointermove', (event) => {
    if (path === null || !event.isPrimary) return;
    const here = at(event);
    const last = path[path.length - 1];
    if (Math.hypot(here[0] - last[0], here[1] - last[1]) < CLICK) return;
    if (!wasDrag) {
      wasDrag = true;
      svg.setPointerCapture(event.pointerId);
    }
    path.push(here);
    knife.setAttribute('points', path.map((point) => point.join()).join(' '));
    for (const [key, link] of fleet.links) {
      const a = plan.places.get(link.a);
      const b = plan.places.get(link.b);
      if (!under.has(key) && a && b && cross(last, here, [a.x, a.y], [b.x, b.y])) {
        under.add(key);
        wireOf.get(key)?.group.classList.add('under');
      }
    }
  });
  const end = (cut) => () => {
    if (path === null) return;
    path = null;
    knife.setAttribute('points', '');
    for (const key of under) wireOf.get(key)?.group.classList.remove('under');
    const links = [...under].map((key) => fleet.links.get(key)).filter((link) => link);
    if (cut && links.length > 0) crossed(links);
  };
  svg.addEventListener('pointerup', end(true));
  svg.addEventListener('pointercancel', end(false));
  svg.addEventListener('click', (event) => {
    if (wasDrag) event.stopPropagation();
  }, true);

  roving(wires);
  roving(members);
  // Heard here, since a browser takes a part of a picture that listens for focus for one that wants it.
  box.addEventListener('focusin', ({ target }) => {
    if (target.parentNode !== wires && target.parentNode !== members) return;
    for (const each of target.parentNode.children) each.setAttribute('tabindex', each === target ? '0' : '-1');
  });
  return {
    element: box,
    show,
    run,
    choose(what) {
      chosen = what;
    },
    /** Where the keyboard was before it went to what a link or node offers. */
    focus(what) {
      (wireOf.get(what) ?? memberOf.get(what))?.group.focus();
    },
  };
}
