import { h } from './dom.js';
import { inert } from './words.js';

const PLACES = {
  block: ['Block', '#/block/'], transaction: ['Entry', '#/entry/'], author: ['Author', '#/author/'], peer: ['Peer', '#/peer/'],
};

/** Goes to what the text names; asks if it names several things. */
export function searchPage(live, text) {
  const element = h('div', { role: 'status' }, 'Looking…');
  const place = (found) => PLACES[found.kind][1] + found.name;
  live.api.get('/search?q=' + encodeURIComponent(text.toLowerCase())).then((all) => {
    const known = all.filter((found) => Object.hasOwn(PLACES, found.kind));
    if (known.length === 1) location.replace(place(known[0]));
    else if (known.length > 1) {
      element.replaceChildren(
        h('p', {}, 'This is the name of several things:'),
        h('ul', { class: 'list' }, known.map((found) => h('li', {}, h('a', { href: place(found) }, PLACES[found.kind][0], ' ', h('span', { class: 'hash' }, found.name))))));
    } else {
      element.replaceChildren(h('p', {}, 'Nothing in this node has the name ', h('bdi', { class: 'hash' }, inert(text)), '.'),
        h('p', { class: 'quiet' }, 'A height is a whole number; hashes, ids and keys have 64 hex digits and are searched whole.'));
    }
  }, (failure) => element.replaceChildren(h('p', { class: 'bad' }, failure.message)));
  return { title: 'Search', element };
}
