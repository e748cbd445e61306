const key = 'jouleflow-theme';
const root = document.documentElement;
const system = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set();

const chosen = () => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
};

function apply() {
  const theme = chosen() ?? (system.matches ? 'dark' : 'light');
  root.dataset.theme = theme;
  for (const listener of listeners) listener(theme);
}

export function setTheme(theme) {
  try {
    localStorage.setItem(key, theme);
  } catch {
    /* A browser that keeps nothing still shows the theme of the system. */
  }
  apply();
}

export const currentTheme = () => root.dataset.theme;
export const onTheme = (listener) => listeners.add(listener);

/** A colour of the style sheet, as a canvas needs it. */
export const colour = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();

const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3], [4, 2], [14, 4], [1, 2], [6, 2, 1, 2]];

/** Colour and dash of the i-th series: apart in grey, too. */
export const seriesStyle = (i) => ({ colour: colour(`series-${(i % 8) + 1}`), dash: dashes[i % 8] });

system.addEventListener('change', apply);
apply();
