export { forecastKinds } from './forecast.js';
export type { ForecastKind } from './forecast.js';
export { MpcScheduler, usualMpc } from './mpc.js';
export type { MpcOptions } from './mpc.js';
