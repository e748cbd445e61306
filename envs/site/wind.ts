/** Exponent of the wind profile over open land (the one-seventh power law). */
const shearExponent = 1 / 7;
/** Metres per second; typical of onshore turbines of about 2 MW (class III). */
const cutIn = 3;
const rated = 11.5;
const cutOut = 25;

/** Wind speed at a hub height in m relative to that 10 m above ground, by the power law. */
export const hubWindRatio = (hubMetres: number): number => (hubMetres / 10) ** shearExponent;

/** Share of rated power at a hub wind speed in m/s: cubic from cut-in to rated speed, then flat up to cut-out. */
export function turbineShare(hubMetresPerSecond: number): number {
  if (hubMetresPerSecond < cutIn || hubMetresPerSecond >= cutOut) return 0;
  if (hubMetresPerSecond >= rated) return 1;
  return (hubMetresPerSecond ** 3 - cutIn ** 3) / (rated ** 3 - cutIn ** 3);
}
