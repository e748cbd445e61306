/**
 * Okabe and Ito's palette (2008), ordered so that neighbours also differ in lightness: readable by the colour-blind
 * and, with the dash patterns and point shapes beside it, in grey.
 */
export const palette = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9', '#000000', '#8C6D1F'] as const;
const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3], [4, 2], [14, 4], [1, 2], [6, 2, 1, 2]] as const;
const shapes = ['circle', 'rect', 'triangle', 'rectRot', 'cross', 'star', 'crossRot', 'dash'] as const;

/** Colour, dash pattern and point shape of the `index`-th series of a figure. */
export function seriesStyle(index: number): { colour: string; dash: number[]; shape: (typeof shapes)[number] } {
  const at = index % palette.length;
  return { colour: palette[at]!, dash: [...dashes[at]!], shape: shapes[at]! };
}

/** The same colours for areas, in an order in which neighbours are far apart in lightness: areas have no dashes to tell them by. */
export const fills = ['#0072B2', '#F0E442', '#D55E00', '#CCCCCC', '#56B4E9', '#000000', '#E69F00', '#009E73'] as const;

export const fill = (index: number): string => fills[index % fills.length]!;

/** The colour with an alpha channel (0 to 1), for bands. */
export function translucent(colour: string, alpha: number): string {
  return colour + Math.round(alpha * 255).toString(16).padStart(2, '0');
}
