import type { BoxSpace } from './environment.js';

/** Throws unless `action` has the space's size and is finite throughout. */
export function checkAction(action: Float32Array, space: BoxSpace): void {
  if (action.length !== space.size) throw new Error(`Action: found ${action.length} components, expected ${space.size}.`);
  for (let i = 0; i < action.length; i++) {
    if (!Number.isFinite(action[i])) throw new Error(`Action: found ${action[i]} at component ${i}, expected a finite number.`);
  }
}
