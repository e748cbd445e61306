import { getRuns } from './api.js';
import { comparePage } from './comparePage.js';
import { empty, h } from './dom.js';
import { runPage } from './runPage.js';
import { runsPage } from './runsPage.js';
import { currentTheme, onTheme, setTheme } from './theme.js';

const main = document.querySelector('#main');
const toast = document.querySelector('#toast');
const live = document.querySelector('#live');
const themeButton = document.querySelector('#theme');
const pages = { runs: runsPage, run: runPage, compare: comparePage };
let page = null;

/** What pages share: the runs by id, those chosen, and the way from page to page. */
const app = {
  rows: new Map(),
  folder: 'runs',
  chosen: new Set(),
  filter: '',
  href: (name, ids = []) => `#/${name === 'runs' ? '' : name}${ids.length === 0 ? '' : `?${ids.map((id) => `run=${encodeURIComponent(id)}`).join('&')}`}`,
  go: (name, ids) => (location.hash = app.href(name, ids)),
  say: (text) => {
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(app.toastTimer);
    app.toastTimer = setTimeout(() => (toast.hidden = true), 5000);
  },
  forget: (id) => (app.rows.delete(id), app.chosen.delete(id)),
  reload: async () => {
    const { folder, runs } = await getRuns();
    app.folder = folder;
    app.rows = new Map(runs.map((row) => [row.id, row]));
  },
};

function route() {
  const [path, search = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const name = path === '' ? 'runs' : path;
  const ids = new URLSearchParams(search).getAll('run');
  page?.destroy();
  const make = Object.hasOwn(pages, name) ? pages[name] : notFound;
  page = make(app, ids);
  main.replaceChildren(page.element);
  document.title = `${page.title} \u00b7 jouleflow`;
  for (const link of document.querySelectorAll('[data-page]')) {
    const here = link.dataset.page === name || (name === 'run' && link.dataset.page === 'runs');
    if (here) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  window.scrollTo(0, 0);
  return page.ready;
}

const notFound = () => ({ title: 'Nothing here', element: empty('There is no such page.', h('a', { href: '#/' }, 'All runs')), destroy: () => undefined });

function listen() {
  const events = new EventSource('/api/events');
  events.addEventListener('hello', () => {
    live.className = 'live on';
    live.textContent = 'live';
    // What happened before, or while the line was down, came as no event.
    const before = app.rows;
    void app.reload().then(() => {
      const ids = new Set([...before.keys(), ...app.rows.keys()]);
      const changed = [...ids].filter((id) => JSON.stringify(before.get(id)) !== JSON.stringify(app.rows.get(id)));
      if (changed.length > 0) page?.update?.(changed);
    });
  });
  events.addEventListener('runs', (event) => {
    const { changed, gone } = JSON.parse(event.data);
    for (const row of changed) app.rows.set(row.id, row);
    for (const id of gone) app.forget(id);
    page?.update?.([...changed.map((row) => row.id), ...gone]);
  });
  events.addEventListener('error', () => {
    live.className = 'live off';
    live.textContent = 'not connected';
  });
  window.addEventListener('pagehide', () => events.close());
}

function labelTheme() {
  const other = currentTheme() === 'dark' ? 'light' : 'dark';
  themeButton.textContent = other === 'dark' ? 'Dark' : 'Light';
  themeButton.setAttribute('aria-label', `Switch to ${other} colours`);
}

themeButton.addEventListener('click', () => setTheme(currentTheme() === 'dark' ? 'light' : 'dark'));
onTheme(() => {
  labelTheme();
  page?.redraw?.();
});
labelTheme();
window.addEventListener('hashchange', () => {
  void route();
  main.focus();
});
document.addEventListener('keydown', (event) => {
  if (!event.ctrlKey && !event.metaKey && !event.altKey) page?.keydown?.(event);
});
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  main.focus();
});

try {
  await app.reload();
  const ready = route();
  performance.mark('jouleflow-interactive');
  await ready;
  performance.mark('jouleflow-drawn');
  listen();
} catch (error) {
  main.replaceChildren(empty('The runs cannot be shown.', h('span', { class: 'trouble' }, error.message)));
}
