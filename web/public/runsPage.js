import { deleteRuns } from './api.js';
import { empty, h } from './dom.js';
import { ago, number, percent, steps } from './format.js';
import { learningCard } from './learning.js';

/** Runs whose curves are drawn while none is chosen, and rows that are shown at first. */
const mostDrawn = 24;
const firstRows = 500;
const states = { running: 'running', finished: 'finished', stopped: 'stopped', failed: 'failed', broken: 'unreadable' };

const columns = [
  { key: 'id', label: 'Run', of: (row) => row.id },
  { key: 'state', label: 'State', of: (row) => row.state },
  { key: 'utility', label: 'Utility', right: true, of: (row) => row.utility ?? -Infinity },
  { key: 'lateRate', label: 'Late', right: true, wide: true, of: (row) => row.lateRate ?? Infinity },
  { key: 'changedMs', label: 'Changed', right: true, wide: true, of: (row) => row.changedMs },
];

/** The list of runs beside their learning curves. */
export function runsPage(app) {
  let words = app.filter ?? '';
  let sort = { key: 'changedMs', down: true };
  let limit = firstRows;
  const chosen = app.chosen;
  const shown = new Map();

  const filter = h('input', {
    type: 'search',
    placeholder: 'Filter: name, method, state\u2026',
    'aria-label': 'Filter runs',
    'aria-keyshortcuts': '/',
    value: words,
    oninput: () => ((words = app.filter = filter.value), render()),
  });
  const count = h('span', { class: 'soft small number', role: 'status' });
  const compare = h('button', { class: 'primary', type: 'button', onclick: () => app.go('compare', [...chosen]) }, 'Compare');
  const remove = h('button', { class: 'danger', type: 'button', onclick: askToDelete }, 'Delete\u2026');
  const all = h('input', { type: 'checkbox', 'aria-label': 'Choose all shown runs', onchange: chooseAll });
  const headers = columns.map((column) =>
    h(
      'th',
      { class: [column.right && 'right', column.wide && 'wide'].filter(Boolean).join(' '), scope: 'col' },
      h('button', { type: 'button', onclick: () => sortBy(column.key) }, column.label),
    ),
  );
  const body = h('tbody', {});
  const table = h('table', { class: 'runs' }, h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, all), headers)), body);
  const more = h('button', { type: 'button', onclick: () => ((limit += firstRows), render()) }, 'Show more');
  const nothing = h('div', {});
  const list = h(
    'section',
    { class: 'card', 'aria-label': 'Runs' },
    h('header', {}, h('div', { class: 'tools filter' }, filter), count, h('span', { class: 'tools' }, compare, remove)),
    table,
    nothing,
    more,
  );
  const learning = learningCard();
  const element = h(
    'div',
    { class: 'split' },
    h('div', { class: 'head' }, h('h1', {}, 'Runs'), h('span', { class: 'soft small' }, h('code', {}, app.folder))),
    list,
    h('div', { class: 'aside' }, learning.element),
  );

  function visible() {
    const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
    const column = columns.find((one) => one.key === sort.key);
    const rows = [...app.rows.values()].filter((row) => {
      const text = `${row.id} ${row.experiment} ${row.method} ${states[row.state]} seed${row.seed}`.toLowerCase();
      return parts.every((part) => text.includes(part));
    });
    const sign = sort.down ? -1 : 1;
    return rows.sort((a, b) => {
      const [x, y] = [column.of(a), column.of(b)];
      return x < y ? -sign : x > y ? sign : a.id < b.id ? -1 : 1;
    });
  }

  function render() {
    const rows = visible();
    const some = rows.slice(0, limit);
    for (const id of chosen) if (!app.rows.has(id)) chosen.delete(id);
    const focused = document.activeElement;
    const order = some.map((row) => (shown.get(row.id) ?? makeRow(row)).tr);
    for (const row of some) fillRow(shown.get(row.id), row);
    if (order.length !== body.children.length || order.some((tr, i) => body.children[i] !== tr)) {
      body.replaceChildren(...order);
      if (focused !== null && body.contains(focused)) focused.focus();
    }
    table.hidden = some.length === 0;
    more.hidden = rows.length <= limit;
    nothing.replaceChildren(...(some.length > 0 ? [] : [noRuns()]));
    count.textContent = rows.length === app.rows.size ? `${rows.length} runs` : `${rows.length} of ${app.rows.size}`;
    compare.disabled = chosen.size < 2;
    compare.textContent = chosen.size < 2 ? 'Compare' : `Compare ${chosen.size}`;
    remove.disabled = chosen.size === 0;
    all.checked = some.length > 0 && some.every((row) => chosen.has(row.id));
    all.indeterminate = !all.checked && chosen.size > 0;
    headers.forEach((header, i) => {
      if (columns[i].key === sort.key) header.setAttribute('aria-sort', sort.down ? 'descending' : 'ascending');
      else header.removeAttribute('aria-sort');
    });
    return drawCurves(rows);
  }

  function drawCurves(rows) {
    if (chosen.size > 0) return learning.show([...chosen], `The ${chosen.size === 1 ? 'run' : `${chosen.size} runs`} chosen in the list.`);
    const newest = rows
      .filter((row) => row.state !== 'broken' && row.kind === 'train')
      .sort((a, b) => b.changedMs - a.changedMs)
      .slice(0, mostDrawn)
      .map((row) => row.id)
      .sort();
    return learning.show(newest, rows.length > mostDrawn ? `The ${mostDrawn} runs changed last. Choose runs in the list to see others.` : '');
  }

  function noRuns() {
    if (app.rows.size > 0) return empty('No run fits this filter.', h('button', { type: 'button', onclick: () => ((filter.value = words = app.filter = ''), render(), filter.focus()) }, 'Clear the filter'));
    return empty('No runs here yet.', h('span', {}, 'Train an agent, and it appears on this page while it learns:'), h('code', {}, `jouleflow train --preset quickstart --out ${app.folder}`));
  }

  function makeRow(row) {
    const box = h('input', { type: 'checkbox', 'aria-label': `Choose ${row.id}`, onchange: () => (box.checked ? chosen.add(row.id) : chosen.delete(row.id), render()) });
    const link = h('a', { href: app.href('run', [row.id]), 'aria-label': row.id }, row.id.split('/').at(-1));
    const path = h('span', { class: 'path' });
    const cells = {
      state: h('td', { class: 'state-cell' }),
      utility: h('td', { class: 'right utility' }),
      lateRate: h('td', { class: 'right wide' }),
      changedMs: h('td', { class: 'right wide soft small changed' }),
    };
    const tr = h('tr', {}, h('td', { class: 'box' }, box), h('td', { class: 'name' }, link, path), Object.values(cells));
    const entry = { tr, box, path, cells, text: '' };
    shown.set(row.id, entry);
    return entry;
  }

  function fillRow({ tr, box, path, cells }, row) {
    box.checked = chosen.has(row.id);
    tr.classList.toggle('chosen', box.checked);
    const folder = row.id.split('/').slice(0, -1).join(' / ');
    path.textContent = [folder, row.state === 'broken' ? 'its config.yaml is no configuration' : row.method].filter(Boolean).join(' \u00b7 ');
    cells.state.replaceChildren(h('span', { class: `state ${row.state}` }, states[row.state]), ...progress(row));
    cells.utility.textContent = number(row.utility);
    cells.lateRate.textContent = percent(row.lateRate);
    cells.changedMs.textContent = ago(row.changedMs);
  }

  function sortBy(key) {
    sort = { key, down: sort.key === key ? !sort.down : key !== 'id' };
    render();
  }

  function chooseAll() {
    for (const row of visible().slice(0, limit)) if (all.checked) chosen.add(row.id);
    if (!all.checked) chosen.clear();
    render();
  }

  function askToDelete() {
    const ids = [...chosen];
    const what = ids.length === 1 ? 'this run' : `these ${ids.length} runs`;
    const trouble = h('p', { class: 'trouble', role: 'alert' });
    const cancel = h('button', { type: 'button', autofocus: true, onclick: () => dialog.close() }, 'Keep');
    const yes = h('button', { type: 'button', class: 'danger', onclick: carryOut }, `Delete ${ids.length === 1 ? 'it' : `all ${ids.length}`}`);
    const dialog = h(
      'dialog',
      { 'aria-label': `Delete ${what}?`, onclose: () => dialog.remove() },
      h('h2', {}, `Delete ${what}?`),
      h('ul', {}, ids.map((id) => h('li', {}, id))),
      h('p', { class: 'soft' }, 'Metrics, policies, checkpoints and figures go with the folder. This cannot be undone.'),
      trouble,
      h('div', { class: 'tools' }, cancel, yes),
    );
    async function carryOut() {
      yes.disabled = true;
      try {
        const { deleted } = await deleteRuns(ids);
        for (const id of deleted) app.forget(id);
        dialog.close();
        app.say(deleted.length === 1 ? `${deleted[0]} is deleted.` : `${deleted.length} runs are deleted.`);
      } catch (error) {
        trouble.textContent = error.message;
        yes.disabled = false;
        await app.reload();
      }
      render();
    }
    document.body.append(dialog);
    dialog.showModal();
  }

  function progress(row) {
    if (row.state === 'finished' || row.state === 'broken') return [];
    const bar = h('i', {});
    bar.style.width = `${100 * row.share}%`;
    const text = row.steps === null ? percent(row.share, 0) : `${steps(Math.round(row.share * row.steps))} of ${steps(row.steps)} steps`;
    return [h('span', { class: 'progress', role: 'img', 'aria-label': text, title: row.reason ?? text }, bar)];
  }

  return {
    title: 'Runs',
    element,
    ready: render(),
    update: (changed) => {
      void render();
      if (changed.some((id) => learning.shows(id))) void learning.refresh();
    },
    redraw: learning.redraw,
    keydown: (event) => {
      if (event.key !== '/' || event.target.matches('input, select')) return;
      event.preventDefault();
      filter.focus();
    },
    destroy: learning.destroy,
  };
}
