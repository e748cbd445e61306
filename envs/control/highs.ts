import type { Highs } from 'highs';

/** Loads the HiGHS solver (WebAssembly). */
export async function loadHighs(): Promise<Highs> {
  // The package declares its types as CommonJS, but what is imported is its ES module.
  const { default: load } = (await import('highs')) as unknown as { default: () => Promise<Highs> };
  return load();
}
