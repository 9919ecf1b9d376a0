// Raw bytes beside their meaning: pointing at either shows the other.

import { h } from './dom.js';
import { hex, size } from './words.js';

/** Of one field; a payload may have 100,000. */
const SHOWN_BYTES = 256;
const COLOURS = 8;

function pairs(bytes) {
  return hex(bytes).replace(/../g, '$& ');
}

/** A pane of fields, as fields.js finds them. */
export function bytesPane(fields) {
  const spans = [];
  const rows = [];
  const point = (index, on) => {
    spans[index].classList.toggle('pointed', on);
    rows[index].classList.toggle('pointed', on);
  };
  fields.forEach((field, i) => {
    const colour = 'field colour-' + (i % COLOURS);
    const hidden = field.bytes.length - SHOWN_BYTES;
    const listen = { onmouseenter: () => point(i, true), onmouseleave: () => point(i, false) };
    spans.push(h('span', { class: colour, title: `${field.name} at ${field.offset}`, ...listen },
      pairs(field.bytes.subarray(0, SHOWN_BYTES)), hidden > 0 && `… ${size(hidden)} more `));
    const words = field.link ? h('a', { href: field.link, class: 'hash' }, field.words) : h('bdi', {}, field.words);
    rows.push(h('tr', { ...listen, onfocusin: () => point(i, true), onfocusout: () => point(i, false) },
      h('td', { class: 'number' }, field.offset),
      h('th', { scope: 'row' }, h('span', { class: 'swatch colour-' + (i % COLOURS), 'aria-hidden': 'true' }), field.name),
      h('td', { class: 'number' }, field.bytes.length),
      h('td', {}, words)));
  });
  return h('div', { class: 'bytes' },
    h('div', { class: 'dump', tabindex: '0', role: 'group', 'aria-label': 'The bytes in hex, field by field' }, spans),
    h('div', { class: 'scroll' }, h('table', {},
      h('thead', {}, h('tr', {}, ...['Offset', 'Field', 'Bytes', 'Meaning'].map((title) => h('th', { scope: 'col' }, title)))),
      h('tbody', {}, rows))));
}
