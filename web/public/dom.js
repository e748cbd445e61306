/**
 * Makes an element. Children are text or elements, never markup, so that a name from a run folder stays a name.
 * `on…` properties are listeners; `null` and `false` leave an attribute out.
 */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** The same in SVG. */
export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), properties, children);
}

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'colour') element.style.color = value;
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A row of choices of which one is taken; `onChoose` gets its value. */
export function choices(name, legend, options, chosen, onChoose) {
  return h(
    'span',
    { class: 'choices', role: 'radiogroup', 'aria-label': legend },
    options.map(({ value, label }) =>
      h(
        'label',
        {},
        h('input', { type: 'radio', name, value, checked: value === chosen, onchange: () => onChoose(value) }),
        h('span', {}, label),
      ),
    ),
  );
}

export const empty = (title, ...more) => h('div', { class: 'empty' }, h('strong', {}, title), ...more);

/** A card with a title and tools beside it. */
export function card(title, tools, ...body) {
  return h('section', { class: 'card', 'aria-label': title }, h('header', {}, h('h2', {}, title), tools), ...body);
}
