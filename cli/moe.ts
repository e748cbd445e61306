import { group } from './command.js';
import { moeBench } from './moeBench.js';
import { moePlace } from './moePlace.js';
import { moeReplay } from './moeReplay.js';
import { moeReproduce } from './moeReproduce.js';
import { moeSimulate } from './moeSimulate.js';

export const moe = group('moe', 'Mixture-of-experts inference: gating, expert buffering, load balancing', [
  moeBench,
  moeReplay,
  moePlace,
  moeSimulate,
  moeReproduce,
]);
