// The only place that makes elements. Children are text unless they are elements: nothing that a stranger wrote
// becomes markup, here or anywhere.

const SVG = 'http://www.w3.org/2000/svg';

function fill(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return made;
}

/** An HTML element; attributes that begin with "on" are listeners. */
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function s(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** A picture that says in words what it shows. */
export function picture(words, width, height, ...children) {
  return s('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': words, class: 'picture' }, ...children);
}

/** A name and what it is; what is absent is left out. */
export function facts(rows) {
  return h('dl', { class: 'facts' },
    rows.filter((row) => row).flatMap(([name, ...value]) => [h('dt', {}, name), h('dd', {}, ...value)]));
}

/** Whether things may move. */
export function moves() {
  return !matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/** Plural by number: one('block', 2) is "2 blocks". */
export function count(number, one, many = one + 's') {
  return number.toLocaleString('en') + ' ' + (number === 1 ? one : many);
}
