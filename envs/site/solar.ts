/** W/m^2 of the standard test condition that a module's peak power is rated at. */
const standardIrradiance = 1000;
/** Share of rated power left after temperature, soiling, wiring and the inverter (PVWatts' 14 % system losses). */
const performanceRatio = 0.86;

/**
 * Cosine of the sun's zenith angle at a UTC instant; negative below the horizon. Declination and equation of time by
 * Spencer's Fourier series (1971), good to about 0.01 degrees and 0.3 minutes.
 */
export function cosineZenith(timeMs: number, latitudeDegrees: number, longitudeDegrees: number): number {
  const date = new Date(timeMs);
  const day = (timeMs - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000;
  const g = (2 * Math.PI * Math.floor(day)) / 365;
  const declination =
    0.006918 - 0.399912 * Math.cos(g) + 0.070257 * Math.sin(g) - 0.006758 * Math.cos(2 * g) +
    0.000907 * Math.sin(2 * g) - 0.002697 * Math.cos(3 * g) + 0.00148 * Math.sin(3 * g);
  const equationMinutes =
    229.18 *
    (0.000075 + 0.001868 * Math.cos(g) - 0.032077 * Math.sin(g) - 0.014615 * Math.cos(2 * g) - 0.040849 * Math.sin(2 * g));
  const solarHours = (day % 1) * 24 + longitudeDegrees / 15 + equationMinutes / 60;
  const hourAngle = ((solarHours - 12) * Math.PI) / 12;
  const latitude = (latitudeDegrees * Math.PI) / 180;
  return Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle);
}

/** Clear-sky global horizontal irradiance, W/m^2: 1098 cos z exp(-0.057 / cos z) (Haurwitz, J. Meteorology 1945). */
export const clearSkyIrradiance = (cosine: number): number => (cosine <= 0 ? 0 : 1098 * cosine * Math.exp(-0.057 / cosine));

/** Share of the clear-sky irradiance that passes a cloud cover in [0, 1]: 1 - 0.75 N^3.4 (Kasten and Czeplak 1980). */
export const cloudTransmission = (cloudCover: number): number => 1 - 0.75 * Math.min(1, Math.max(0, cloudCover)) ** 3.4;

/** Output of PV of `peakKw` under an irradiance in W/m^2 on its modules, at most its peak; kW. */
export const pvPowerKw = (peakKw: number, irradiance: number): number =>
  peakKw * Math.min(1, (performanceRatio * irradiance) / standardIrradiance);
