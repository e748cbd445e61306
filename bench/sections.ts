import { bridge } from './bridge.js';
import { decide } from './decide.js';
import { engine } from './engine.js';
import { moe } from './moe.js';
import { plan } from './plan.js';
import { power } from './power.js';
import { scale } from './scale.js';
import type { Section } from './section.js';
import { simulator } from './simulator.js';
import { start } from './start.js';
import { tensor } from './tensor.js';
import { training } from './training.js';

/** Every section; add yours here. `scale` alone stays under two minutes, all together under six. */
export const sections: readonly Section[] = [simulator, plan, bridge, engine, training, start, moe, power, tensor, decide, scale];
