import { group } from './command.js';
import { moeBench } from './moe-bench.js';
import { moePlace } from './moe-place.js';
import { moeReplay } from './moe-replay.js';
import { moeReproduce } from './moe-reproduce.js';
import { moeSimulate } from './moe-simulate.js';

export const moe = group('moe', 'Mixture-of-experts inference: gating, expert buffering, load balancing', [
  moeBench,
  moeReplay,
  moePlace,
  moeSimulate,
  moeReproduce,
]);
