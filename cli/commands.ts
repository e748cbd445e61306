import type { Command } from './command.js';
import { bound } from './bound.js';
import { chain } from './chain.js';
import { compare } from './compare.js';
import { config } from './config.js';
import { data } from './data.js';
import { decide } from './decide.js';
import { envServer } from './envServer.js';
import { evaluate } from './evaluate.js';
import { init } from './init.js';
import { moe } from './moe.js';
import { plot } from './plot.js';
import { prices } from './prices.js';
import { power } from './power.js';
import { serve } from './serve.js';
import { sweep } from './sweep.js';
import { train } from './train.js';
import { tune } from './tune.js';
import { worker } from './worker.js';

/** Every command, in the order in which --help lists them. One file a command; add yours here. */
export const commands: readonly Command[] = [
  init,
  train,
  sweep,
  worker,
  evaluate,
  compare,
  bound,
  prices,
  plot,
  serve,
  decide,
  envServer,
  config,
  data,
  power,
  moe,
  tune,
  chain,
];
