/** A finite number as its shortest decimal says it: digits x 10^-places. */
function decimalOf(value: number): { digits: bigint; places: number } {
  const [mantissa, exponent = '0'] = String(value).split('e') as [string, string?];
  const [whole, fraction = ''] = mantissa.split('.') as [string, string?];
  return { digits: BigInt(whole + fraction), places: fraction.length - Number(exponent) };
}

/** The whole number below, above or next to `digits` / 10^places; halves go up. */
function whole(digits: bigint, places: number, how: 'floor' | 'ceil' | 'round'): bigint {
  if (places <= 0) return digits * 10n ** BigInt(-places);
  const unit = 10n ** BigInt(places);
  const shifted = how === 'floor' ? digits : how === 'ceil' ? digits + unit - 1n : digits + unit / 2n;
  const quotient = shifted / unit;
  // BigInt division cuts towards zero.
  return shifted < 0n && quotient * unit !== shifted ? quotient - 1n : quotient;
}

/**
 * A share of a count as a whole number: floor, ceil or round (halves up) of the product of the two decimals as they are
 * written, not of the nearest binary fractions: 0.55 of 100 is 55, where `Math.ceil(0.55 * 100)` is 56. NaN or infinite
 * as the product is.
 */
export function wholeProduct(share: number, count: number, how: 'floor' | 'ceil' | 'round'): number {
  const product = share * count;
  if (!Number.isFinite(product)) return product;
  const [a, b] = [decimalOf(share), decimalOf(count)];
  return Number(whole(a.digits * b.digits, a.places + b.places, how));
}
