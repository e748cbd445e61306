import type { BoxSpace } from './environment.js';

/** Throws unless `action` has the space's size and is finite throughout. */
export function checkAction(action: Float32Array, space: BoxSpace): void {
  if (action.length !== space.size) throw new Error(`Action: found ${action.length} components, expected ${space.size}.`);
  for (let i = 0; i < action.length; i++) {
    if (!Number.isFinite(action[i])) throw new Error(`Action: found ${action[i]} at component ${i}, expected a finite number.`);
  }
}

export const clampUnit = (component: number): number => Math.min(1, Math.max(-1, component));

/** The level out of `levels` that a component in [-1, 1] (clamped) stands for. */
export const levelOf = (component: number, levels: number): number => Math.round(((clampUnit(component) + 1) / 2) * (levels - 1));
