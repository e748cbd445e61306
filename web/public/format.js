/** Numbers as people read them; a dash where there is none. */
const none = '\u2013';
const minus = (text) => text.replace('-', '\u2212');

export function number(value, digits = 0) {
  if (value === null || value === undefined || !Number.isFinite(value)) return none;
  const text = value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return minus(text === '-0' ? '0' : text);
}

/** As many digits as the size of the number calls for. */
export function brief(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return none;
  const size = Math.abs(value);
  if (size === 0) return '0';
  if ( (size < 1e-3 || size >= 1e7)) return minus(value.toExponential(2));
  return number(value, size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 3);
}

export const percent = (share, digits = 1) => (share === null || share === undefined ? none : `${number(100 * share, digits)}\u2009%`);

export const withInterval = ({ mean, ci95 }, scale = 1, digits = 0) =>
  number(scale * mean, digits) + (ci95 === null ? '' : ` \u00b1 ${number(scale * ci95, digits)}`);

export function steps(value) {
  if (value === null || value === undefined) return none;
  if (value >= 1e6) return `${number(value / 1e6, 1)}\u2009M`;
  return value >= 10_000 ? `${number(value / 1000, value % 1000 === 0 ? 0 : 1)}\u2009k` : number(value);
}

export function ago(ms) {
  const seconds = Math.max(0, (Date.now() - ms) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return new Date(ms).toISOString().slice(0, 10);
}

export function clock(seconds) {
  const minutes = Math.round(seconds / 60);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

const names = {
  validationUtility: 'Utility, validation days',
  validationLateRate: 'Late jobs, validation days',
  utility: 'Utility, training day',
  lateRate: 'Late jobs, training day',
  paid: 'Reward paid',
  criticLoss: 'Critic loss',
  actorLoss: 'Actor loss',
  shaperLoss: 'Shaper loss',
  value: "Critic's value",
};

/** A metric of metrics.csv in words. */
export const metricName = (metric) => names[metric] ?? metric;
export const isShare = (metric) => /rate$/i.test(metric);
