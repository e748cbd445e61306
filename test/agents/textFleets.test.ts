import { expect, it } from 'vitest';
import { LinearPrices, parameterCount } from '../../agents/cem/index.js';
import { agentOf } from '../../agents/index.js';
import { createPlanner, plannerNames, RuleScheduler, runDay } from '../../agents/schedulers/index.js';
import { loadHighs } from '../../envs/index.js';
import { resolveExperiment } from '../../experiments/run/config.js';
import { loadSetting } from '../../experiments/run/setting.js';

const setting = async (preset: string) => loadSetting(resolveExperiment({ preset, set: ['days.validation=2022-01-15', 'days.test=2022-02-10'] }), { schedulers: [] });

it.each(['moe', 'mixed'])('cem starts as the rule on preset %s', async (preset) => {
  const { config, rule, simulator } = await setting(preset);
  const sites = config.fleet.sites.length;
  const fleet = simulator();
  const greedy = runDay(fleet, new RuleScheduler('prices', sites, rule), '2022-03-01', 1).totals;
  const started = runDay(fleet, new LinearPrices(sites, rule, new Float32Array(parameterCount(sites))), '2022-03-01', 1).totals;
  expect(Number.isFinite(started.utility)).toBe(true);
  expect(started.utility).toBeCloseTo(greedy.utility, 6);
});

it.each(['moe', 'mixed'])('afterstate, which knows images only, refuses preset %s', async (preset) => {
  const set = ['agent.kind=afterstate', 'shaping.kind=none', 'environment.kind=job-dispatch'];
  expect(() => resolveExperiment({ preset, set })).toThrow(/^fleet\.jobs\.text\.perDay: found \d+ with afterstate, expected 0: it knows images only\.$/);
  expect(() => agentOf('cem').check(resolveExperiment({ preset, set: ['agent.kind=cem', 'shaping.kind=none'] }))).not.toThrow();
});

it.each(plannerNames)('%s, which knows images only, refuses a fleet with text jobs', async (name) => {
  const { simulator } = await setting('mixed');
  const planner = createPlanner(name, await loadHighs());
  expect(() => runDay(simulator(), planner, '2022-03-01', 1)).toThrow(new RegExp(`with ${name}, expected 0: it knows images only`));
});
