import type { ParameterBlock } from '../parameters.js';
import type { Results } from '../program.js';
import { sameShape } from '../shapes.js';

/** Throws unless the gradients cover their blocks' parameters exactly, in the right shapes. */
export function checkGradients(blocks: Readonly<Record<string, ParameterBlock>>, gradients: Results<string>['gradients']): void {
  for (const [group, tensors] of Object.entries(gradients ?? {})) {
    const block = blocks[group];
    if (block === undefined) throw new Error(`gradients for "${group}", which is no parameter block of the program`);
    for (const { name, shape } of block.layout) {
      const found = tensors?.[name];
      if (found === undefined) throw new Error(`the gradients of "${group}" lack parameter "${name}"`);
      if (!sameShape(found.shape, shape)) {
        throw new Error(`the gradient of "${group}/${name}" has shape [${found.shape}] where the parameter has [${shape}]`);
      }
    }
  }
}

/** One array of a block's layout, beside the block, for each block with gradients. */
export function allocateGradients(
  blocks: Readonly<Record<string, ParameterBlock>>,
  gradients: Results<string>['gradients'],
): Record<string, Float32Array> {
  return Object.fromEntries(Object.keys(gradients ?? {}).map((group) => [group, blocks[group]!.memory.allocate()]));
}
