import { h } from './dom.js';
import { entryLine } from './entry.js';
import { inert, short } from './words.js';

const AT_ONCE = 50;

/** What one key has written, oldest first. */
export function authorPage(live, key) {
  const list = h('ul', { class: 'list' });
  const more = h('button', { type: 'button', hidden: true, onclick: next }, 'Show more');
  const said = h('p', { role: 'status' });
  let shown = 0;
  /** Where the list goes on. */
  let from = 0;
  let index = 0;

  async function next() {
    more.disabled = true;
    try {
      const found = await live.api.get(`/transactions?author=${encodeURIComponent(key)}&from=${from}&index=${index}&limit=${AT_ONCE}`);
      list.append(...found.map(entryLine));
      shown += found.length;
      if (found.length > 0) {
        const last = found[found.length - 1];
        from = last.height;
        index = last.index + 1;
      }
      more.hidden = found.length < AT_ONCE;
      said.textContent = shown === 0 ? 'Nothing in the chain is by this author.' : '';
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
