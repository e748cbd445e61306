/**
 * What a plan of the batteries takes prices and renewables to be in the hours to come: `persistence`, those of the same
 * hour of the day before; `day-ahead`, known for the day, and from noon on for the next one, which until then is taken to
 * be like this one; `perfect`, known for both days at all times.
 */
export const forecastKinds = ['persistence', 'day-ahead', 'perfect'] as const;
export type ForecastKind = (typeof forecastKinds)[number];
