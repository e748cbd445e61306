/** A small Kernel Tuner cache: 6 x 4 x 2 with a known optimum; one combination is forbidden, some fail. */
export function smallCache(): Record<string, unknown> & { cache: Record<string, Record<string, unknown>> } {
  const cache: Record<string, Record<string, unknown>> = {};
  const threads = [8, 16, 32, 64, 128, 256];
  const tiles = [1, 2, 4, 8];
  for (const block of threads) {
    for (const tile of tiles) {
      for (const padding of [0, 1]) {
        if (block === 256 && tile === 8) continue;
        const time = 1 + Math.abs(Math.log2(block * tile) - 7) + 0.3 * Math.abs(Math.log2(tile) - 1) + 0.02 * padding;
        const failed = block === 8 && tile === 8;
        cache[`${block},${tile},${padding}`] = {
          block_size_x: block,
          tile,
          padding,
          time: failed ? 'RuntimeFailedConfig' : time,
          ...(failed ? {} : { times: [time - 0.01, time, time + 0.01] }),
        };
      }
    }
  }
  return {
    device_name: 'Test device',
    kernel_name: 'kernel',
    problem_size: [64, 64],
    tune_params_keys: ['block_size_x', 'tile', 'padding'],
    tune_params: { block_size_x: threads, tile: tiles, padding: [0, 1] },
    objective: 'time',
    cache,
  };
}
