import { h } from './dom.js';
import { entryLine } from './entry.js';
import { inert, short } from './words.js';

const AT_ONCE = 50;
/** The API's largest list. */
const AT_MOST = 1000;

/** What one key has written, oldest first. */
export function authorPage(live, key) {
  const list = h('ul', { class: 'list' });
  const more = h('button', { type: 'button', hidden: true, onclick: next }, 'Show more');
  const said = h('p', { role: 'status' });
  const known = new Set();
  let from = 0;

  /** A page begins at a height, so it repeats what the one before had of that block. */
  async function page(limit) {
    const found = await live.api.get(`/transactions?author=${encodeURIComponent(key)}&from=${from}&limit=${limit}`);
    const fresh = found.filter((entry) => !known.has(entry.id));
    fresh.forEach((entry) => known.add(entry.id));
    list.append(...fresh.map(entryLine));
    if (found.length > 0) from = found[found.length - 1].height;
    more.hidden = found.length < limit;
    return fresh.length > 0 || more.hidden;
  }

  async function next() {
    more.disabled = true;
    try {
      if (!await page(AT_ONCE) && !await page(AT_MOST)) {
        said.replaceChildren('Block ', h('a', { href: '#/block/' + from }, from), ` has more than ${AT_MOST} entries of this author; it shows them all. The list goes on after it.`);
        from++;
      } else {
        said.textContent = known.size === 0 ? 'Nothing in the chain is by this author.' : '';
      }
    } catch (failure) {
      said.textContent = failure.message;
    }
    more.disabled = false;
  }

  next();
  return {
    title: 'Author ' + short(inert(key)),
    element: h('div', {}, h('p', { class: 'hash' }, inert(key)), said, list, more),
  };
}
