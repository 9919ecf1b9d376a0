// A devnet's page, above the overview of the node that is looked at: all nodes in one picture, what can be done to them,
// the sides as they grow, what became of those who gave up blocks, and every message.

import { count, h } from './dom.js';
import { Fleet, linkName } from './fleet.js';
import { messagesPane, sortOf } from './messages.js';
import { linkWords, ring, stateOf } from './ring.js';
import { SETTLE_MILLIS, agreement, letter, listed, sidesOf, strips } from './sides.js';
import { storyList } from './stories.js';
import { delay, inert, mark } from './words.js';

const DELAYS_MILLIS = [100, 500, 2_000];
const LONGEST_DELAY_MILLIS = 10_000;
const TICK_MILLIS = 1_000;
const SHOWN_NAMES = 4;
const DRAW_MILLIS = 150;
/** What the stream tells at once when it opens is past: no dots for it. */
const PAST_MILLIS = 500;

/**
 * Called once, when the page is a devnet's.
 *
 * @param element the section that all of it goes into
 * @param nodes [{ name, peerId, api }]
 * @param choose called with the API of the node to look at
 * @param known called with the API of each node and whether it runs, whenever that is asked
 * @returns looked, to be told which node is looked at
 */
export function start({ element, nodes, choose, known }) {
  const fleet = new Fleet();
  const numbers = new Map();
  let sides = [];
  let looked = null;
  let chosen = null;
  let panel = null;
  let drawing = false;
  let drawnAt = -Infinity;

  const picture = ring(fleet, {
    chooseNode: (name, byKeyboard) => open('node', name, byKeyboard),
    chooseLink: (key, byKeyboard) => open('link', key, byKeyboard),
    crossed: (links) => cutOrHeal(links),
  });
  const messages = messagesPane(fleet);
  const stories = storyList(fleet);
  const strip = strips(fleet);
  const table = tables();
  const sentence = h('p', { class: 'agreement', id: 'agreement' }, 'Looking…');
  const said = h('p', { id: 'devnet-said', role: 'status', class: 'quiet' });
  const about = h('div', { class: 'about', id: 'about', hidden: true });
  const seenBy = h('h2', { class: 'seen-by' });
  const halves = h('button', { type: 'button', id: 'halves', onclick: cutInHalves }, '✂ Cut in two halves');
  const healAll = h('button', { type: 'button', id: 'heal-all', onclick: healEverything }, 'Heal all');

  /** Says what was done, or why not. */
  async function act(words, work) {
    try {
      await work();
      said.textContent = words;
    } catch (failure) {
      said.textContent = 'Not done: ' + inert(failure.message);
    }
  }

  const namesOf = (links) => (links.length > 3 ? count(links.length, 'link') : links.map(linkName).join(', '));

  /** A drag cuts what is whole; one that crosses only cut links heals them. */
  function cutOrHeal(links) {
    const whole = links.filter((link) => link.up);
    const cut = whole.length > 0;
    return act((cut ? 'Cut ' : 'Healed ') + namesOf(cut ? whole : links) + '.', () => fleet.change(cut ? whole : links, { up: !cut }));
  }

  function cutInHalves() {
    const names = [...fleet.nodes.keys()];
    const first = new Set(names.slice(0, Math.ceil(names.length / 2)));
    const all = [...fleet.links.values()];
    const across = all.filter((link) => first.has(link.a) !== first.has(link.b) && link.up);
    const within = all.filter((link) => first.has(link.a) === first.has(link.b) && !link.up);
    if (across.length === 0 && within.length === 0) return act('It is cut in two halves already.', () => {});
    return act(`Cut ${count(across.length, 'link')}: ${listed([...first], SHOWN_NAMES)} on one side, ${listed(names.slice(first.size), SHOWN_NAMES)} on the other.`, async () => {
      await fleet.change(across, { up: false });
      await fleet.change(within, { up: true });
    });
  }

  function healEverything() {
    const hurt = [...fleet.links.values()].filter((link) => !link.up || link.delayMillis > 0);
    return act(hurt.length === 0 ? 'Every link is whole.' : `Healed ${namesOf(hurt)}.`, () => fleet.change(hurt, { up: true, delayMillis: 0 }));
  }

  function stopOrStart(name) {
    const up = !fleet.nodes.get(name).up;
    return act(`${name} is ${up ? 'started' : 'stopped'}.`, () => fleet.stopOrStart(name, up));
  }

  // What can be done to the node or link that was chosen.

  function open(kind, key, byKeyboard) {
    chosen = key;
    picture.choose(key);
    panel = kind === 'node' ? nodePanel(key) : linkPanel(key);
    about.replaceChildren(panel.element);
    about.hidden = false;
    if (kind === 'node') choose(fleet.nodes.get(key).api);
    panel.show();
    soon();
    // A finger that only looks should not bring up a keyboard.
    if (byKeyboard) panel.element.querySelector('button, input:not([hidden] *)').focus({ preventScroll: true });
    about.scrollIntoView({ block: 'nearest' });
  }

  function close() {
    const was = chosen;
    chosen = panel = null;
    picture.choose(null);
    about.hidden = true;
    soon();
    picture.focus(was);
  }

  /** Last, so that who opens a panel is at once at what it offers. */
  const closer = () => h('button', { type: 'button', class: 'closer', 'aria-label': 'Close', onclick: close }, '×');

  function nodePanel(name) {
    const state = h('p', {});
    const toggle = h('button', { type: 'button', onclick: () => stopOrStart(name) });
    const input = h('input', { id: 'node-entry', autocomplete: 'off', required: true, maxlength: 100000, placeholder: 'on this side' });
    const button = h('button', { class: 'strong' }, 'Submit');
    const form = h('form', { class: 'submit', onsubmit: async (event) => {
      event.preventDefault();
      button.disabled = true;
      await act(`${name} has taken “${inert(input.value).slice(0, 60)}”.`, async () => {
        await fleet.api(name).submit(input.value);
        input.value = '';
      });
      button.disabled = false;
      input.focus();
    } }, h('label', { class: 'unseen', for: 'node-entry' }, `An entry for ${name}`), input, button);
    return {
      element: h('section', { 'aria-label': name }, h('h2', {}, name), state, form,
        h('p', { class: 'actions' }, toggle, h('button', { type: 'button', onclick: () => messages.only(name) }, 'Its messages')), closer()),
      show() {
        const node = fleet.nodes.get(name);
        write(state, node.up ? `side ${letter(numbers.get(name) ?? 0)}, block ${node.height} (${mark(node.hash)}), ${count(node.peers, 'peer')}, ${node.pending === 0 ? 'nothing waits' : count(node.pending, 'entry', 'entries') + ' wait'}${node.syncing ? ', catching up' : ''}; listens on ${node.listen}`
          : `stopped at block ${node.height}; it keeps its keys, its address and its chain`);
        write(toggle, node.up ? 'Stop it' : 'Start it');
        form.hidden = !node.up;
      },
    };
  }

  function linkPanel(key) {
    const [a, b] = key.split('|');
    const state = h('p', {});
    const link = () => fleet.link(a, b);
    const slow = (millis) => act(millis === 0 ? `${a} – ${b} is at full speed.` : `${a} – ${b} holds each message back ${millis} ms.`, () => fleet.change([link()], { delayMillis: millis }));
    const toggle = h('button', { type: 'button', class: 'strong', onclick: () => cutOrHeal([link()]) });
    const input = h('input', { id: 'link-delay', type: 'number', min: 0, max: LONGEST_DELAY_MILLIS, step: 1, required: true, value: 200 });
    return {
      element: h('section', { 'aria-label': `${a} – ${b}` }, h('h2', {}, `${a} – ${b}`), state,
        h('p', { class: 'actions' }, toggle,
          DELAYS_MILLIS.map((millis) => h('button', { type: 'button', onclick: () => slow(millis) }, `Slow ${delay(millis * 1000)}`)),
          h('button', { type: 'button', onclick: () => slow(0) }, 'Full speed')),
        h('form', { class: 'slow', onsubmit: (event) => {
          event.preventDefault();
          slow(input.valueAsNumber);
        } }, h('label', { for: 'link-delay' }, 'Hold each message back, ms'), input, h('button', {}, 'Slow'),
        h('button', { type: 'button', onclick: () => messages.only(key) }, 'Its messages')), closer()),
      show() {
        write(state, linkWords(link()));
        write(toggle, link().up ? '✂ Cut' : 'Heal');
      },
    };
  }

  about.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
  });

  /** All nodes and links once more, as lists: nothing needs the picture. */
  function tables() {
    const nodes = h('tbody', {});
    const links = h('tbody', {});
    const rows = new Map();
    const heads = (titles) => h('thead', {}, h('tr', {}, titles.map((title) => h('th', { scope: 'col' }, title))));
    const details = h('details', { id: 'lists', ontoggle: () => soon() }, h('summary', {}, 'Nodes and links as lists'),
      h('div', { class: 'scroll' }, h('table', {}, heads(['Node', 'Side', 'Block', 'Peers', 'Waiting', 'State', '']), nodes)),
      h('div', { class: 'scroll' }, h('table', {}, heads(['Link', 'State', '']), links)));

    function row(key, body, make) {
      if (!rows.has(key)) {
        rows.set(key, make());
        body.append(rows.get(key).element);
      }
      return rows.get(key);
    }

    function nodeRow(name) {
      const cells = [0, 1, 2, 3, 4].map((i) => h('td', { class: i < 4 && i > 0 && 'number' }));
      const toggle = h('button', { type: 'button', onclick: () => stopOrStart(name) });
      return {
        element: h('tr', {}, h('th', { scope: 'row' }, h('button', { type: 'button', class: 'plain', onclick: ({ detail }) => open('node', name, detail === 0) }, name)), cells, h('td', {}, toggle)),
        show() {
          const node = fleet.nodes.get(name);
          const texts = [node.up ? letter(numbers.get(name) ?? 0) : '–', `${node.height} ${mark(node.hash)}`, node.peers, node.pending, node.up ? (node.syncing ? 'catching up' : 'runs') : 'stopped'];
          cells.forEach((cell, i) => write(cell, String(texts[i])));
          write(toggle, node.up ? 'Stop' : 'Start');
          toggle.setAttribute('aria-label', `${node.up ? 'Stop' : 'Start'} ${name}`);
        },
      };
    }

    function linkRow(key) {
      const words = h('td', {});
      const toggle = h('button', { type: 'button', onclick: () => cutOrHeal([fleet.links.get(key)]) });
      return {
        element: h('tr', {}, h('th', { scope: 'row' }, h('button', { type: 'button', class: 'plain', onclick: ({ detail }) => open('link', key, detail === 0) }, linkName(fleet.links.get(key)))), words, h('td', {}, toggle)),
        show() {
          const link = fleet.links.get(key);
          write(words, linkWords(link));
          write(toggle, link.up ? 'Cut' : 'Heal');
          toggle.setAttribute('aria-label', `${link.up ? 'Cut' : 'Heal'} ${linkName(link)}`);
        },
      };
    }

    return {
      element: details,
      show() {
        if (!details.open) return;
        for (const name of fleet.nodes.keys()) row(name, nodes, () => nodeRow(name)).show();
        for (const key of fleet.links.keys()) row(key, links, () => linkRow(key)).show();
      },
    };
  }

  function write(where, text) {
    if (where.textContent !== text) where.textContent = text;
  }

  // Drawn a few times a second, however much happens.

  function soon() {
    if (drawing) return;
    drawing = true;
    setTimeout(() => requestAnimationFrame(() => {
      drawing = false;
      drawnAt = performance.now();
      draw();
    }), Math.max(0, drawnAt + DRAW_MILLIS - performance.now()));
  }

  function draw() {
    if (fleet.nodes.size === 0 || element.hidden) return;
    sides = sidesOf(fleet, numbers, performance.now());
    picture.show(numbers, looked);
    const fork = strip.show(sides);
    write(sentence, fleet.state === 'live' && fleet.trouble === null ? agreement(sides, fork) : `No word of the devnet: ${fleet.trouble ?? 'connecting'}; trying again.`);
    sentence.classList.toggle('apart', sides.length > 1);
    const hurt = [...fleet.links.values()].filter((link) => stateOf(link) === 'cut' || link.delayMillis > 0).length;
    write(healAll, hurt === 0 ? 'Heal all' : `Heal all ${hurt}`);
    table.show();
    if (panel !== null) panel.show();
  }

  fleet.addEventListener('change', ({ detail }) => {
    if (detail === 'nodes') {
      // Another devnet answers at this address: nothing that is shown holds of it.
      if (nodes.length !== fleet.nodes.size || nodes.some(({ name, peerId }) => fleet.nodes.get(name)?.peerId !== peerId)) location.reload();
      for (const node of fleet.nodes.values()) known(node.api, node.up);
    }
    messages.offer();
    soon();
  });
  fleet.addEventListener('happened', ({ detail }) => {
    if (detail.event !== 'message' || performance.now() - fleet.opened < PAST_MILLIS) return;
    const sort = sortOf(detail.kind);
    if (sort !== 'ping') detail.to.forEach((to) => picture.run(detail.from, to, sort));
  });
  setInterval(() => {
    if (document.hidden || element.hidden) return;
    stories.tick();
    soon(); // Who is behind for long is of another side.
  }, Math.min(TICK_MILLIS, SETTLE_MILLIS));

  element.append(
    h('div', { class: 'board' },
      h('div', { class: 'stage' },
        sentence,
        h('p', { class: 'actions' }, halves, healAll, h('small', { class: 'quiet' }, 'Drag across links to cut them, across cut ones to heal them. A node or a link opens by a click.')),
        picture.element, said),
      h('div', { class: 'beside' }, about, messages.element)),
    h('section', { 'aria-labelledby': 'sides-title' }, h('h2', { id: 'sides-title' }, 'Who is at which block'), strip.element),
    stories.element,
    table.element,
    seenBy);
  new ResizeObserver(soon).observe(picture.element);
  fleet.start();

  return {
    looked(api) {
      looked = nodes.find((node) => node.api === api)?.name ?? null;
      write(seenBy, looked === null ? '' : `As ${looked} sees it`);
      soon();
    },
    shown: soon,
  };
}
