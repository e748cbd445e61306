import { median } from '../src/math/statistics.js';
import { shippedModel } from './synthetic/model.js';

/** A quarter: over less, a market may stand still, be negative or cheap without anything being wrong. */
const leastHours = 90 * 24;
/** No market that is known has had a median below it over a year; the least are those of Brazil and northern Norway. */
const lowestMedianUsd = 5;
/**
 * Years of one market differ less than this: the cheapest since 2015 (Germany's 2020) has a sixth of the median of 2022
 * and 2023, which were dear.
 */
const widestRatio = 1 / 0.15;

/**
 * What a region's prices (USD/MWh, NaN where missing) over a quarter or more show to be wrong with them, in words that
 * follow the region's name; null if nothing does.
 */
export function priceSuspicion(region: string, values: Float64Array): string | null {
  const known = values.filter((value) => !Number.isNaN(value));
  if (known.length < leastHours) return null;
  if (known.every((value) => value === known[0])) {
    return `all ${known.length} prices are ${shown(known[0]!)} USD/MWh; expected a market's prices, which change (a fixed tariff can be used, but is no market's file)`;
  }
  const negative = known.filter((value) => value < 0).length;
  if (negative > known.length / 2) return `${negative} of ${known.length} prices are negative; is their sign turned?`;
  const middle = median(known);
  if (middle < lowestMedianUsd) return `the median price is ${shown(middle)} USD/MWh, lower than in any known market; is it another unit?`;
  const usual = usualPriceUsd(region);
  if (usual === undefined || (middle > usual / widestRatio && middle < usual * widestRatio)) return null;
  return `the median price is ${shown(middle)} USD/MWh, where that of 2022 and 2023 is ${shown(usual)}; is it another unit or currency?`;
}

const shown = (value: number): string => String(Number(value.toPrecision(4)));

/** The median price of a region that the generator was fitted to: its table at a score of 0. */
function usualPriceUsd(region: string): number | undefined {
  const price = Object.hasOwn(shippedModel().regions, region) ? shippedModel().regions[region]!.price : undefined;
  if (price === undefined) return undefined;
  const after = price.scores.findIndex((score) => score >= 0);
  const share = -price.scores[after - 1]! / (price.scores[after]! - price.scores[after - 1]!);
  return price.values[after - 1]! + share * (price.values[after]! - price.values[after - 1]!);
}
